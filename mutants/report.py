"""Mutation score: the share of mutants that a test notices, and why each of the others may live.

A survivor is named in reasons.toml, with its reason. One that is not, and a name that fits no survivor, are a mistake.
"""

import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mutants.making import Mutant
from mutants.outcomes import Outcomes, What

REASONS = Path(__file__).parent / "reasons.toml"
PAGE = Path("build/mutants/page.md")
WANTED = 0.90
TRUE = '__import__("sqlalchemy").true()'  # what a condition that is left out is replaced by


@dataclass(frozen=True)
class Score:
    """Of some mutants, of which not all need have been tested."""

    made: int
    killed: int
    survived: int
    unfit: int

    @classmethod
    def of(cls, mutants: list[Mutant], outcomes: Outcomes) -> "Score":
        found = [what_of(mutant, outcomes) for mutant in mutants]
        return cls(len(mutants), found.count("killed"), found.count("survived"), found.count("unfit"))

    @property
    def tested(self) -> int:
        return self.killed + self.survived

    @property
    def share(self) -> float:
        return self.killed / max(1, self.tested)

    def row(self, name: str) -> str:
        share = f"{100 * self.share:.1f} %" if self.tested else "—"
        return f"| {name} | {self.made:,} | {self.tested:,} | {self.killed:,} | {share} |"


def tell(mutants: list[Mutant], outcomes: Outcomes, *, writes_page: bool) -> int:
    """Print the score and what needs a reason; write the page with the table. The exit code."""
    survivors = [mutant for mutant in mutants if what_of(mutant, outcomes) == "survived"]
    unknown = [mutant for mutant in mutants if what_of(mutant, outcomes) is None]
    unnamed = [label(mutant) for mutant in survivors if label(mutant) not in named()]
    gone = sorted(named() - {label(mutant) for mutant in survivors + unknown}) if writes_page else []
    for words, names in (("It lives, and has no reason yet", unnamed), ("It has a reason, but is dead", gone)):
        for name in names:
            print(f"{words}: {name}", file=sys.stderr)
    score = Score.of(mutants, outcomes)
    tell_score(score)
    if writes_page:
        PAGE.write_text(page(mutants, outcomes))
        print(f"Written: {PAGE}")
    return int(bool(unnamed or gone or score.share < WANTED))


@cache
def reasons() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(REASONS.read_text())["reason"]
    return found


@cache
def named() -> frozenset[str]:
    """The mutants that have a reason to live."""
    return frozenset(name for reason in reasons() for name in reason["mutants"])


def what_of(mutant: Mutant, outcomes: Outcomes) -> What | None:
    outcome = outcomes.find(mutant.key)
    return outcome.what if outcome else None


def tell_score(score: Score) -> None:
    print(f"{score.made:,} mutants, {score.tested:,} tested, {score.killed:,} killed: {100 * score.share:.1f} %")


def label(mutant: Mutant) -> str:
    """How a mutant is named: where it is, and what stands there now, or what no longer does."""
    now = mutant.after.replace(TRUE, "true")
    if now in ("", "pass") or now.startswith("pass  #"):
        now = f"no {' '.join(mutant.before.split())}"
    elif TRUE in mutant.after:
        now = f"{now} for {mutant.before}"
    return f"{short(mutant.path)} {mutant.definition or '—'}: {now}"


def short(path: str) -> str:
    return path.removeprefix("bucketlist/")


def page(mutants: list[Mutant], outcomes: Outcomes) -> str:
    by_path = defaultdict(list)
    for mutant in mutants:
        by_path[mutant.path].append(mutant)
    rows = [Score.of(found, outcomes).row(f"`{short(path)}`") for path, found in by_path.items()]
    whole = Score.of(mutants, outcomes)
    told = [
        "# Mutants",
        "",
        "| module | mutants | tested | killed | share |",
        "| --- | ---: | ---: | ---: | ---: |",
        *rows,
        whole.row("all"),
    ]
    told += ["", f"{whole.unfit} that were tested could not even be imported; they do not count.", ""]
    told += ["## Who lives, and why", ""]
    for reason in reasons():
        told += [f"**{reason['title']}** {reason['why']}", ""]
        told += [f"- ``{name}``" for name in reason["mutants"]]
        told += [""]
    return "\n".join(told).rstrip() + "\n"

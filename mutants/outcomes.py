"""Mutation testing log: what became of each mutant, line by line in a file, so that a run can be stopped and go on."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

What = Literal["killed", "survived", "unfit"]  # unfit: it cannot even be imported


@dataclass(frozen=True)
class Outcome:
    key: str  # of the mutant
    what: What
    by: str  # the test that noticed it
    seconds: float
    is_thorough: bool  # were all tests asked that could know?


class Outcomes:
    """Of all mutants that were ever tested; the last one counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self._by_key = {outcome.key: outcome for outcome in (Outcome(**json.loads(line)) for line in lines)}

    def find(self, key: str) -> Outcome | None:
        return self._by_key.get(key)

    def keep(self, outcome: Outcome) -> None:
        self._by_key[outcome.key] = outcome
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")

    def witnesses(self) -> list[str]:
        """The tests that have noticed something; those on PostgreSQL last."""
        found = {outcome.by for outcome in self._by_key.values() if outcome.what == "killed" and "::" in outcome.by}
        return sorted(found, key=lambda test: ("postgres" in test, test))

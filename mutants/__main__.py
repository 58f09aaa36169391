"""`make mutants`: makes mistakes in `ROOMS`, and in statements that compare owners, and asks the tests.

What came out stays in build/mutants/, so it can be stopped at any time and goes on where it was. A mutant is tested
again when its line has changed, and one that survived when any test has. Runs with the Python of Cosmic Ray.
"""

import argparse
import random
import subprocess
import sys
import time
from pathlib import Path

from mutants import report
from mutants.making import Mutant, check_examples, mutants_of, operator_names
from mutants.outcomes import Outcomes
from mutants.running import World, ask_all, make_copy, world
from mutants.selecting import Selection

BUILD = Path("build/mutants").absolute()
PACKAGE = Path("bucketlist")
ROOMS = ("auth", "limits", "mail", "purging", "sessions", "accounts", "kit")  # where a mistake harms people most


def main() -> int:
    options = read_options()
    mutants = [mutant for mutant in all_mutants() if not options.only or mutant.path.endswith(tuple(options.only))]
    if options.share < 1:
        mutants = random.Random(options.seed).sample(mutants, round(len(mutants) * options.share))
    check_examples()
    BUILD.mkdir(parents=True, exist_ok=True)
    outcomes = Outcomes(BUILD / "outcomes.jsonl")
    if not options.report:
        ask_tests(mutants, outcomes, options)
    is_whole = not options.only and options.share == 1
    return report.tell(mutants, outcomes, writes_page=is_whole)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--python", type=lambda path: Path(path).absolute(), required=True, help="that of the tests")
    parser.add_argument("--only", nargs="*", help="modules, such as auth/tokens.py, instead of all")
    parser.add_argument("--share", type=float, default=1.0, help="of the mutants, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws others")
    parser.add_argument("--jobs", type=int, default=2, help="how many are tested at once")
    parser.add_argument("--minutes", type=float, default=600.0, help="no new one is begun after so long")
    parser.add_argument("--survivors", action="store_true", help="only those that survived: all tests that could know")
    parser.add_argument("--report", action="store_true", help="test none, only tell")
    return parser.parse_args()


def all_mutants() -> list[Mutant]:
    whole = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    made = [mutant for path in whole for mutant in mutants_of(str(path), operator_names())]
    others = sorted(set(PACKAGE.rglob("*queries.py")) - set(whole))  # whose statements compare owners
    return made + [mutant for path in others for mutant in mutants_of(str(path), ["DropClause"])]


def ask_tests(mutants: list[Mutant], outcomes: Outcomes, options: argparse.Namespace) -> None:
    """The likeliest tests about each mutant that is not known, then all that could know about those that survive.

    Those that have a reason to live are asked about no further, unless `options.survivors` says so.
    """
    deadline = time.monotonic() + 60 * options.minutes
    folders = [make_copy(BUILD / f"copy-{place}") for place in range(options.jobs)]
    selection = Selection(measure(folders[0], options), sorted(PACKAGE.rglob("*.py")))
    for is_thorough in (True,) if options.survivors else (False, True):
        known = {mutant: outcomes.find(mutant.key) for mutant in mutants}
        left = [
            mutant
            for mutant, outcome in known.items()
            if (outcome is None and not options.survivors) or (outcome and is_thorough and outcome.what == "survived")
            if options.survivors or not (is_thorough and report.label(mutant) in report.named())
        ]
        random.Random(options.seed).shuffle(left)  # so that what is known of a run that was stopped is a fair sample
        print(f"{len(left)} mutants …", flush=True)

        def ask(place: World, mutant: Mutant, *, is_thorough: bool = is_thorough) -> None:
            if time.monotonic() < deadline:
                outcomes.keep(place.ask(mutant, selection, is_thorough=is_thorough))

        ask_all(left, ask, folders, options.python)
    check_witnesses(outcomes, selection, folders[0], options.python)


def check_witnesses(outcomes: Outcomes, selection: Selection, folder: Path, python: Path) -> None:
    """A test that fails where nothing is wrong has noticed nothing."""
    witnesses = [test for test in outcomes.witnesses() if test in selection.seconds]
    with world(folder, python) as sound:
        liar = sound.find_liar(witnesses, sum(selection.seconds[test] for test in witnesses))
    if liar:
        sys.exit(f"It fails although nothing is wrong, so it is no witness: {liar}")


def measure(folder: Path, options: argparse.Namespace) -> Path:
    """Which test runs which lines, asked anew when any test or module has changed; in as many processes as mutants."""
    found = BUILD / "tests.json"
    newest = max(path.stat().st_mtime for top in ("tests", PACKAGE) for path in Path(top).rglob("*.py"))
    if not found.exists() or found.stat().st_mtime < newest:
        print("Finding out which test runs which lines …", flush=True)
        command = [options.python, "-m", "mutants.measure", found, "--numprocesses", str(options.jobs)]
        subprocess.run([*command, "--dist", "loadfile"], cwd=folder, check=True)
    return found


if __name__ == "__main__":
    sys.exit(main())

"""Contract test, `make check-contract`: lints the document; on both databases Schemathesis, typed clients, a life.

`make fuzz` is Schemathesis alone, for as long as it is given.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from contract import document
from contract.fuzzing import Attack, Broken
from contract.generators import Generators
from contract.growth import check_growth
from contract.life import live
from contract.people import Person
from tests.databases import create_database, postgres_server
from tests.servers import LiveServer, start_server

BUILD = Path(__file__).parent.parent / "build"


def main() -> int:
    options = read_options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bucketlist-contract-") as folder:
        try:
            found = check(options, Path(folder))
        except (AssertionError, Broken, subprocess.CalledProcessError) as reason:
            print(f"The contract is broken.\n{reason}", file=sys.stderr)
            found = {"failures": 1}
    BUILD.mkdir(exist_ok=True)
    report = BUILD / ("fuzz.json" if options.seconds else "contract.json")
    report.write_text(json.dumps(found, indent=2) + "\n")
    if found["failures"]:
        return 1
    lint = "" if options.seconds else f"{found['lintErrors']} lint errors, {found['lintWarnings']} warnings; "
    print(
        f"The contract holds: {found['cases']:,} requests by Schemathesis as two people on two databases, 0 failures; "
        f"{lint}{time.monotonic() - began:.0f} s"
    )
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make check-contract", description=__doc__)
    parser.add_argument("--schemathesis", type=lambda path: Path(path).absolute(), required=True, help="the program")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes up other requests")
    parser.add_argument("--seconds", type=int, help="how long to do nothing but make up requests")
    return parser.parse_args()


def check(options: argparse.Namespace, folder: Path) -> dict[str, int]:
    cases, lint = 0, {"errors": 0, "warnings": 0}
    generators = Generators(options.schemathesis.parent)
    if not options.seconds:
        refuse_breaking_changes()
    for database, server in servers(folder):
        if not options.seconds:
            lint = lint if cases else check_document(server, generators)
            generators.use(server.url)
        cases += attack_both_ways(options, folder / f"{database}-runs", server)
        if not options.seconds:
            keep_a_life(server, options.seed)
    return {
        "cases": cases,
        "failures": lint["errors"],
        "lintErrors": lint["errors"],
        "lintWarnings": lint["warnings"],
    }


def refuse_breaking_changes() -> None:
    print("Comparing openapi.json with that of the last release …", flush=True)
    if broken := check_growth():
        raise Broken("The contract only grows, and a client of the last release could notice:\n" + "\n".join(broken))


def check_document(server: LiveServer, generators: Generators) -> dict[str, int]:
    print("Linting the document with Redocly and Spectral …", flush=True)
    document.keep_document(Person(server.url, "nobody").ask("GET", "/openapi.json").text)
    lint = document.lint()
    print("Making clients with four generators …", flush=True)
    generators.make()
    return lint


def servers(folder: Path) -> Iterator[tuple[str, LiveServer]]:
    """A real server on SQLite, then one on PostgreSQL."""
    for database in ("sqlite", "postgresql"):
        home = folder / database
        home.mkdir()
        with address_of(database) as url, start_server(home, DATABASE_URL=url, ACCESS_LOG="false") as server:
            print(f"On {database}:", flush=True)
            yield database, server


@contextmanager
def address_of(database: str) -> Iterator[str]:
    with ExitStack() as stack:
        yield create_database(stack.enter_context(postgres_server())) if database == "postgresql" else ""


def attack_both_ways(options: argparse.Namespace, folder: Path, server: LiveServer) -> int:
    ada, ben = (Person(server.url, name) for name in ("ada", "ben"))
    for person in (ada, ben):
        person.sign_up()
    cases = 0
    for attacker, other in ((ada, ben), (ben, ada)):
        began = time.monotonic()
        seconds = options.seconds and -(-options.seconds // 4)  # two people on two databases
        count = Attack(attacker, other, options.schemathesis, folder / attacker.name, options.seed, seconds).run()
        print(f"  as {attacker.name}: {count:,} requests, 0 failures, {time.monotonic() - began:.0f} s", flush=True)
        cases += count
    return cases


def keep_a_life(server: LiveServer, seed: int) -> None:
    began = time.monotonic()
    count = live(server.url, seed)
    seconds = time.monotonic() - began
    print(
        f"  a life of 1,000 wishes: {count:,} requests, its two copies are what the lists say, {seconds:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

"""Benchmark of SQLite: reads a core, and durable creates from 16 clients with the slowest of them."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bench import load, ours, scenarios, seed, servers
from bench.growth import READS, Growth
from bench.lab import WARM_UP_SECONDS, Lab
from bench.load import Result
from bench.postgres import CACHE
from bench.progress import say
from bench.scenarios import Scenario
from bench.servers import OURS
from bench.world import BASE_MS, World
from bucketlist.kit.clock import to_text

FOLDER = CACHE / "sqlite"
WRITERS = 16
LONG_AGO = to_text(datetime.fromtimestamp(BASE_MS / 1000, UTC))
FAR_AHEAD = "2099-12-31T00:00:00.000Z"
TRANSLATED = {seed.NULL: None, seed.LONG_AGO: LONG_AGO, seed.FAR_AHEAD: FAR_AHEAD}


@dataclass(frozen=True)
class OnSqlite:
    reads: list[Result]
    creates: list[Result]


def by_items(lab: Lab, sizes: Sequence[int]) -> Growth:
    """Latency of reads as data grow."""
    worlds = {f"{size:,}": World.of_items(size) for size in sizes}
    found = Growth("items in SQLite", list(worlds), READS)
    found.results.update({scenario.key: [[] for _ in worlds] for scenario in READS})
    for place, world in enumerate(worlds.values()):
        fill(world)
        with servers.start(OURS, "", lab.cores, DATA_DIR=str(FOLDER)) as running:
            for number in range(1, lab.rounds + 1):
                say(f"SQLite with {world.items:,} items, round {number} of {lab.rounds} …")
                for scenario in READS:
                    result = ask(lab, running, world, replace(scenario, connections=1))
                    found.results[scenario.key][place].append(result)
        shutil.rmtree(FOLDER)
    return found


def measure(lab: Lab, world: World) -> OnSqlite:
    fill(world)
    found = OnSqlite([], [])
    creating = replace(scenarios.CREATE, connections=WRITERS)
    with servers.start(OURS, "", lab.cores, DATA_DIR=str(FOLDER)) as running:
        for number in range(1, lab.rounds + 1):
            say(f"SQLite, round {number} of {lab.rounds} …")
            for scenario, results in ((scenarios.READ, found.reads), (creating, found.creates)):
                results.append(ask(lab, running, world, scenario))
    shutil.rmtree(FOLDER)
    return found


def ask(lab: Lab, running: servers.Running, world: World, scenario: Scenario) -> Result:
    with load.written(scenario.requests(world, lab.tokens(world), running.port)) as path:
        load.run(running, path, scenario.connections, WARM_UP_SECONDS, lab.cores.others)
        return load.run(running, path, scenario.connections, lab.seconds, lab.cores.others)


def fill(world: World) -> None:
    """A database of bucketlist's own making, with the people of the world in it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    environment = ours.environment("", DATA_DIR=str(FOLDER))
    subprocess.run(seed.UPGRADE, env=environment, stdout=sys.stderr, check=True)
    with closing(sqlite3.connect(FOLDER / "bucketlist.sqlite")) as connection:
        for table, columns, rows in seed.tables(world):
            add(connection, table, columns, rows)
        connection.commit()
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def add(connection: sqlite3.Connection, table: str, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    """Columns that are not known here but must not be empty hold what is least."""
    given = columns.split(", ")
    described = connection.execute(f"PRAGMA table_info({table})").fetchall()
    later = {
        name: 0 if "INT" in kind else ""
        for _, name, kind, must, default, _ in described
        if must and default is None and name not in given
    }
    names, marks = ", ".join([*given, *later]), ", ".join("?" for _ in [*given, *later])
    values = ((*(TRANSLATED.get(value, value) for value in row), *later.values()) for row in rows)
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608  # constants

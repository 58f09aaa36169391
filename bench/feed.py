"""Benchmark of the changes feed: a page at the beginning of 100,000 changes, and one at the end, on both databases."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from bench import seed, servers, sqlite
from bench.client import Client
from bench.lab import Lab
from bench.load import Result
from bench.progress import say
from bench.scenarios import FEED, PAGE, Request
from bench.servers import OURS, Running
from bench.world import PLACES, World, make_id, user_id
from bucketlist.kit.text import fold

CHANGES = 100_000
STEP = 100  # a page of the walk to the end, which nobody measures
WORLD = World(3)
USER = WORLD.users - 1
COUNT = "UPDATE users SET change_number = (SELECT count(*) FROM changes WHERE changes.user_id = users.id)"


@dataclass
class Feed:
    """What was asked of a database at both ends of the feed, in turn."""

    title: str
    begin: list[Result] = field(default_factory=list)
    end: list[Result] = field(default_factory=list)


def on_postgres(lab: Lab) -> Feed:
    url = seed.prepare(lab.postgres, WORLD)
    with lab.postgres.connect(WORLD.name) as connection:
        if not connection.execute("SELECT 1 FROM changes LIMIT 1").fetchone():
            for table, columns, rows in _tables():
                seed.copy(connection, table, columns, rows)
            connection.execute(COUNT)
            connection.execute("VACUUM (ANALYZE)")
    with servers.start(OURS, url, lab.cores) as running:
        return _measure(lab, running, Feed("PostgreSQL"))


def on_sqlite(lab: Lab) -> Feed:
    sqlite.fill(WORLD)
    with closing(sqlite3.connect(sqlite.FOLDER / "bucketlist.sqlite")) as connection:
        for table, columns, rows in _tables():
            sqlite.add(connection, table, columns, rows)
        connection.execute(COUNT)
        connection.commit()
    with servers.start(OURS, "", lab.cores, DATA_DIR=str(sqlite.FOLDER)) as running:
        found = _measure(lab, running, Feed("SQLite"))
    shutil.rmtree(sqlite.FOLDER)
    return found


def _tables() -> Iterator[tuple[str, str, Iterator[tuple[str, ...]]]]:
    """Items that were made one after the other and are still there, so that each page tells as much as any other."""
    owner, bucket = user_id(USER), WORLD.bucket(USER * WORLD.buckets_of_a_user).id
    ids = [make_id("told", number) for number in range(CHANGES)]
    names = [PLACES[number % len(PLACES)] for number in range(CHANGES)]
    ends = "1", seed.LONG_AGO, seed.LONG_AGO
    columns = "user_id, id, bucket_id, name, name_folded, state, position, version, created_at, modified_at"
    yield (
        "items",
        columns,
        (
            (owner, one, bucket, name, fold(name), "open", str(place), *ends)
            for place, (one, name) in enumerate(zip(ids, names, strict=True), 1_000)
        ),
    )
    columns = "user_id, number, kind, thing_id, action, at, actor_id, by_token"
    rows = (
        (owner, str(number), "item", one, "created", seed.LONG_AGO, owner, "0") for number, one in enumerate(ids, 1)
    )
    yield "changes", columns, rows


def _measure(lab: Lab, running: Running, feed: Feed) -> Feed:
    token = lab.tokens(WORLD)[USER]
    cursors = list(_walk(Client(running.port, token)))
    for number in range(1, lab.rounds + 1):
        say(f"Changes feed on {feed.title}, round {number} of {lab.rounds} …")
        for results, cursor in ((feed.begin, cursors[0]), (feed.end, cursors[-2])):
            request = Request("GET", f"/v1/changes?limit={PAGE}&since={cursor}", token)
            results.append(lab.measure(running, WORLD, FEED, connections=1, requests=[request]))
    return feed


def _walk(client: Client) -> Iterator[str]:
    """The cursor behind each page."""
    path, told, more = f"/v1/changes?limit={STEP}", 0, True
    while more:
        page = client.get(path).body
        told, more = told + len(page["changes"]), page["more"]
        path = f"/v1/changes?limit={STEP}&since={page['cursor']}"
        yield page["cursor"]
    if told < CHANGES:
        raise RuntimeError(f"the feed has told {told} of {CHANGES} changes")

"""Seed data of the benchmark: fills a database with a world, by COPY, and keeps it for the next run."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import islice

import psycopg
from argon2 import PasswordHasher

from bench.ours import environment
from bench.postgres import Postgres
from bench.progress import say
from bench.world import (
    BASE_MS,
    CHECKED_USERS,
    ITEMS_OF_A_USER,
    PASSWORD,
    Item,
    World,
    email,
    make_id,
    session_id,
    story_of,
    user_id,
)
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.text import fold
from bucketlist.migrations import runner
from bucketlist.tags.encoding import join

UPGRADE = [sys.executable, "-m", "bucketlist", "db", "upgrade"]
FORMAT = 5  # of the data: another number makes every kept database anew
BLOCK = 5_000
FIRST_DAY, YEARS_LIVED = 1996, 30  # of entries
LONG_AGO = datetime.fromtimestamp(BASE_MS / 1000, UTC).isoformat()
FAR_AHEAD = "2099-12-31T00:00:00+00:00"
NULL = r"\N"
ADD_SESSION = """
    INSERT INTO sessions (user_id, id, created_at, last_used_at, expires_at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
RENEW_ITEM = """
    UPDATE items SET name = %s, name_folded = %s, version = 1, modified_at = created_at WHERE user_id = %s AND id = %s
"""
WARM_UP = """
    SELECT sum(pg_prewarm(oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
"""
EMPTY = {"text": "''", "boolean": "false", "jsonb": "'[]'", "uuid": "gen_random_uuid()"}


def prepare(postgres: Postgres, world: World) -> str:
    """The address of a database that holds this world, as the measurements found it; made when there is none.

    It is in memory then, as one is that has been at work for a while, however large it is.
    """
    comment = f"format {FORMAT}, schema {runner.head()}, {world}"
    url = postgres.url_of(world.name)
    if not postgres.has(world.name, comment):
        say(f"Making {world.name}: {world.people:,} people, {world.all_items:,} items …")
        postgres.create(world.name)
        upgrade(url)
        with postgres.connect(world.name) as connection:
            give_defaults(connection)
            fill(connection, world)
            connection.execute(f"COMMENT ON DATABASE {world.name} IS '{comment}'".encode())
    with postgres.connect(world.name) as connection:
        renew(connection, world)
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        connection.execute(WARM_UP)
    tidy(postgres, world)
    return url


def upgrade(url: str) -> None:
    """Bring the schema up with bucketlist's own command."""
    subprocess.run(UPGRADE, env=environment(url), stdout=sys.stderr, check=True)


def give_defaults(connection: psycopg.Connection) -> None:
    """Columns that came after the peers were written get a default, so that peers can still add rows."""
    columns = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL"
        " AND column_name NOT IN ('id', 'user_id')"
    )
    for table, column, kind in columns.fetchall():
        default = EMPTY.get(kind, "now()" if kind.startswith("timestamp") else "0")
        connection.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DEFAULT {default}'.encode())


def fill(connection: psycopg.Connection, world: World) -> None:
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")  # the data are right by construction
        for table, columns, rows in tables(world):
            copy(connection, table, columns, rows)
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


def tables(world: World) -> Iterator[tuple[str, str, Iterable[tuple[str, ...]]]]:
    """Each table with its columns and rows; parents come before their children."""
    texts = "name, name_folded, description, description_folded"
    ends = "position, version, created_at, modified_at"
    yield "users", "id, email, name, password_hash, version, created_at, modified_at", users(world)
    yield "email_addresses", "email_folded, user_id", ((email(user), user_id(user)) for user in range(world.people))
    yield "sessions", "user_id, id, created_at, last_used_at, expires_at", sessions(world)
    yield "buckets", f"user_id, id, {texts}, {ends}", buckets(world)
    dates = "target, target_first, target_rank"
    yield "items", f"user_id, id, bucket_id, {texts}, state, times_done, {dates}, tags, {ends}", items(world)
    yield "item_tags", "user_id, item_id, name, name_folded", item_tags(world)
    dates, ends = "date, date_first, date_rank", "version, created_at, modified_at"
    yield "entries", f"user_id, id, item_id, completes, story, story_folded, {dates}, {ends}", entries(world)


def copy(connection: psycopg.Connection, table: str, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    lines = ("\t".join(map(escape, row)) + "\n" for row in rows)
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as out:
        while block := "".join(islice(lines, BLOCK)):
            out.write(block)


def escape(value: str) -> str:
    """As COPY reads it; no text here has a backslash, but what stands for null."""
    return value.replace("\t", r"\t").replace("\n", r"\n")


def users(world: World) -> Iterator[tuple[str, ...]]:
    password_hash = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)
    for number in range(world.people):
        yield user_id(number), email(number), f"Person {number}", password_hash, "1", LONG_AGO, LONG_AGO


def sessions(world: World) -> Iterator[tuple[str, ...]]:
    for number in range(world.people):
        yield user_id(number), session_id(number), LONG_AGO, LONG_AGO, FAR_AHEAD


def texts_of(name: str, description: str | None) -> tuple[str, str, str, str]:
    if description is None:
        return name, fold(name), NULL, NULL
    return name, fold(name), description, fold(description)


def buckets(world: World) -> Iterator[tuple[str, ...]]:
    for bucket in world.buckets_in_time():
        texts = texts_of(bucket.name, None)
        yield user_id(bucket.user), bucket.id, *texts, str(bucket.position), "1", LONG_AGO, LONG_AGO


def items(world: World) -> Iterator[tuple[str, ...]]:
    users = [user_id(number) for number in range(world.people)]
    buckets = [world.bucket(number).id for number in range(world.buckets + world.collectors)]
    for item in world.items_in_time():
        ids = users[item.user], item.id, buckets[item.bucket]
        texts = texts_of(item.name, item.description)
        ends = str(item.position), "1", LONG_AGO, LONG_AGO
        yield *ids, *texts, item.state, times_done(item), *target_of(item.target), tags_of(item.tag), *ends


def item_tags(world: World) -> Iterator[tuple[str, ...]]:
    users = [user_id(number) for number in range(world.people)]
    for item in world.items_in_time():
        if item.tag:
            yield users[item.user], item.id, item.tag, fold(item.tag)


def entries(world: World) -> Iterator[tuple[str, ...]]:
    """One for each item that is done."""
    users = [user_id(number) for number in range(world.people)]
    for item in world.items_in_time():
        if item.state == "done":
            story, date = story_of(item), target_of(str(FIRST_DAY + item.number % YEARS_LIVED))
            ids = users[item.user], make_id("entry", item.number), item.id
            yield *ids, "1", story, fold(story), *date, "1", LONG_AGO, LONG_AGO


def times_done(item: Item) -> str:
    return "1" if item.state == "done" else "0"


@cache
def target_of(text: str | None) -> tuple[str, str, str]:
    """A fuzzy date with its first day and its rank."""
    target = FuzzyDate.parse(text) if text else None
    return (target.text, str(target.first), str(target.rank)) if target else (NULL, NULL, NULL)


@cache
def tags_of(name: str | None) -> str:
    return join([name] if name else []) or NULL


def renew(connection: psycopg.Connection, world: World) -> None:
    """Give the people of the check back what a check that was stopped midway has left changed."""
    for user in range(CHECKED_USERS):
        row = user_id(user), session_id(user), LONG_AGO, LONG_AGO, FAR_AHEAD
        connection.execute(ADD_SESSION, row)
    for item in map(world.item, range(CHECKED_USERS * ITEMS_OF_A_USER)):
        connection.execute(RENEW_ITEM, (item.name, fold(item.name), user_id(item.user), item.id))


def tidy(postgres: Postgres, world: World) -> None:
    """Take away what measurements have added, and let the database rest: the next one finds it as the first did."""
    with postgres.connect(world.name) as connection:
        connection.execute("DELETE FROM items WHERE created_at > %s::timestamptz", (LONG_AGO,))
        connection.execute("DELETE FROM entries WHERE created_at > %s::timestamptz", (LONG_AGO,))
        connection.execute("DELETE FROM sessions WHERE created_at > %s::timestamptz", (LONG_AGO,))
        connection.execute("TRUNCATE refresh_tokens, blacklisted_tokens, attempts")
        connection.execute("VACUUM (ANALYZE) buckets, items, item_tags, entries, sessions")
        connection.execute("CHECKPOINT")

"""Fills a database with a world, by COPY, and keeps it for the next run."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

import psycopg
from argon2 import PasswordHasher

from bench.ours import environment
from bench.postgres import Postgres
from bench.world import BASE_MS, PASSWORD, World, email, session_id, user_id
from bucketlist.kit.text import fold
from bucketlist.migrations import runner

FORMAT = 1  # of the data: another number makes every kept database anew
BLOCK = 5_000
LONG_AGO = datetime.fromtimestamp(BASE_MS / 1000, UTC).isoformat()
FAR_AHEAD = "2099-12-31T00:00:00+00:00"
NULL = r"\N"
EMPTY = {"text": "''", "boolean": "false", "jsonb": "'[]'", "uuid": "gen_random_uuid()"}


def prepare(postgres: Postgres, world: World) -> str:
    """The address of a database that holds this world, as the measurements found it; made when there is none."""
    comment = f"format {FORMAT}, schema {runner.head()}, {world}"
    url = postgres.url_of(world.name)
    if not postgres.has(world.name, comment):
        print(f"Making {world.name}: {world.people:,} people, {world.all_items:,} items …", flush=True)
        postgres.create(world.name)
        upgrade(url)
        with postgres.connect(world.name) as connection:
            give_defaults(connection)
            fill(connection, world)
            connection.execute(f"COMMENT ON DATABASE {world.name} IS '{comment}'".encode())
    tidy(postgres, world)
    return url


def upgrade(url: str) -> None:
    """Bring the schema up with bucketlist's own command."""
    subprocess.run([sys.executable, "-m", "bucketlist", "db", "upgrade"], env=environment(url), check=True)


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
        copy(connection, "users", "id, email, name, password_hash, version, created_at, modified_at", users(world))
        copy(connection, "emails", "email_folded, user_id", ((email(n), user_id(n)) for n in range(world.people)))
        copy(connection, "sessions", "user_id, id, created_at, last_used_at, expires_at", sessions(world))
        texts = "name, name_folded, description, description_folded"
        ends = "position, version, created_at, modified_at"
        copy(connection, "buckets", f"user_id, id, {texts}, {ends}", buckets(world))
        copy(connection, "items", f"user_id, id, bucket_id, {texts}, state, {ends}", items(world))
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


def copy(connection: psycopg.Connection, table: str, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    lines = ("\t".join(row) + "\n" for row in rows)
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as out:
        while block := "".join(islice(lines, BLOCK)):
            out.write(block)


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
        yield *ids, *texts, item.state, str(item.position), "1", LONG_AGO, LONG_AGO


def tidy(postgres: Postgres, world: World) -> None:
    """Take away what measurements have added, and let the database rest: the next one finds it as the first did."""
    with postgres.connect(world.name) as connection:
        connection.execute("DELETE FROM items WHERE created_at > %s::timestamptz", (LONG_AGO,))
        connection.execute("DELETE FROM sessions WHERE created_at > %s::timestamptz", (LONG_AGO,))
        connection.execute("TRUNCATE refresh_tokens, blacklisted_tokens, attempts")
        connection.execute("VACUUM (ANALYZE) items, sessions")
        connection.execute("CHECKPOINT")

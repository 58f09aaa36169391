"""Benchmark for capacity planning: `bench/.venv/bin/python -m bench.capacity` has the figures of handbook/scaling.md.

Bytes of a row of each table on PostgreSQL, with its indexes, when people have written in turn; and the CPU time of a
request, of PostgreSQL's processes and of ours. It takes a minute, and a database of its own.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

import psycopg

from bench import seed
from bench.in_process import asker
from bench.ours import SECRET_KEY, issue_token
from bench.postgres import Postgres
from bench.process import Cores, cpu_seconds
from bench.world import ITEMS_OF_A_USER, World
from bucketlist.app import create_app
from bucketlist.config import load_settings

PEOPLE = 2_000
ROUNDS, REQUESTS = 5, 1_000
HASH = "encode(sha256(gen_random_uuid()::text::bytea), 'hex')"
MORE = {  # what people leave while they use it: rows for each session, and how they look
    "refresh_tokens": (100, f"{HASH}, user_id, id, now(), now() + '30 days'"),
    "known_networks": (3, f"user_id, left({HASH}, 32), now() + '90 days'"),
    "idempotency_keys": (10, f"user_id, gen_random_uuid(), {HASH}, 201, repeat('h', 190), repeat('b', 330), now()"),
}
SIZES = """
    SELECT relname, pg_table_size(oid), pg_indexes_size(oid), reltuples FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 100 ORDER BY relname
"""
Ask = Callable[[Random], tuple[int, str, str, str]]  # who asks, how, where, and with which body


def main() -> None:
    world = World(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
    postgres = Postgres(Cores.of_this_machine().others)
    postgres.create("capacity")
    url = postgres.url_of("capacity")
    seed.upgrade(url)
    with postgres.connect("capacity") as connection:
        seed.fill(connection, world)
        add_more(connection)
        tell_sizes(connection)
    tell_requests(url, world, postgres)
    with postgres.connect() as connection:
        connection.execute("DROP DATABASE capacity WITH (FORCE)")


def add_more(connection: psycopg.Connection) -> None:
    """In the order of time, as in `seed`: everybody once, then everybody again."""
    for table, (times, row) in MORE.items():
        for _ in range(times):
            connection.execute(f"INSERT INTO {table} SELECT {row} FROM sessions".encode())  # noqa: S608  # ours
        connection.execute(f"VACUUM (ANALYZE) {table}".encode())


def tell_sizes(connection: psycopg.Connection) -> None:
    print(f"{'table':20} {'rows':>10} {'bytes a row':>12} {'of them indexes':>16}")
    for name, table, indexes, rows in connection.execute(SIZES):
        print(f"{name:20} {rows:10,.0f} {(table + indexes) / rows:12,.0f} {indexes / rows:16,.0f}")


def tell_requests(url: str, world: World, postgres: Postgres) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            app_setting="production", secret_key=SECRET_KEY, database_url=url, data_dir=Path(folder)
        )
        print(f"\n{'CPU µs a request':20} {'PostgreSQL':>10} {'bucketlist':>12}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # the access log
        app = create_app(settings)
        server = postgres.process_id
        for what, ask in requests(world).items():
            rounds = [measure(app, ask, Random(number), server) for number in range(ROUNDS)]
            theirs, ours = (median(each) * 1e6 / REQUESTS for each in zip(*rounds, strict=True))
            print(f"{what:20} {theirs:10,.0f} {ours:12,.0f}")


def measure(app: object, ask: Ask, chance: Random, server: int) -> tuple[float, float]:
    """CPU seconds of PostgreSQL, and of this process, for `REQUESTS`."""
    asked = [ask(chance) for _ in range(REQUESTS)]
    tokens = {user: issue_token(user) for user, *_ in asked}
    began, ours = cpu_seconds(server), time.process_time()
    for user, method, path, body in asked:
        asker(app.wsgi_app, tokens[user])(method, path, body.encode())  # type: ignore[attr-defined]  # a Flask
    return cpu_seconds(server) - began, time.process_time() - ours


def requests(world: World) -> dict[str, Ask]:
    def one(chance: Random) -> tuple[int, str]:
        user = chance.randrange(world.users)
        return user, world.item(user * ITEMS_OF_A_USER + chance.randrange(ITEMS_OF_A_USER)).id

    def main_bucket(chance: Random) -> tuple[int, str]:
        user = chance.randrange(world.users)
        return user, f"/v1/buckets/{world.bucket(user * world.buckets_of_a_user).id}/items"

    def get(chance: Random) -> tuple[int, str, str, str]:
        user, item = one(chance)
        return user, "GET", f"/v1/items/{item}", ""

    def listed(chance: Random) -> tuple[int, str, str, str]:
        user, path = main_bucket(chance)
        return user, "GET", f"{path}?limit=25", ""

    def create(chance: Random) -> tuple[int, str, str, str]:
        user, path = main_bucket(chance)
        return user, "POST", path, '{"name": "See the northern lights"}'

    def change(chance: Random) -> tuple[int, str, str, str]:
        user, item = one(chance)
        return user, "PATCH", f"/v1/items/{item}", f'{{"name": "Another name {chance.random()}"}}'

    return {"get one item": get, "list 25 items": listed, "create an item": create, "change an item": change}


if __name__ == "__main__":
    main()

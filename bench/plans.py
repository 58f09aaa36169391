"""Query plans: how PostgreSQL finds the rows of every statement in a database that is full, and reads none through."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from psycopg import Connection, sql

from bench import ours, scenarios, seed
from bench.lab import Lab
from bench.scenarios import Chance, Request
from bench.world import World
from bucketlist.app import create_app
from bucketlist.config import load_settings
from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.services import services_of

MOST_PAGES = 1_000  # of 8 KiB; what one person has lies on some hundred, a million items on 20,000 and more
Executed = tuple[Compiled, Values]


def scans(lab: Lab, world: World) -> list[str]:
    """Each statement that reads through a table that grows, or more pages than `MOST_PAGES`, by its route."""
    seed.prepare(lab.postgres, world)
    found = []
    growing = {table for table, *_ in seed.tables(world)}
    with lab.postgres.connect(world.name) as connection:
        for request, executed in _executed(lab, world):
            for compiled, values in executed:
                problems = {one for plan in _plans(connection, compiled, values) for one in _problems_of(plan, growing)}
                found += [f"{request.method} {request.path} {problem}" for problem in sorted(problems)]
    seed.tidy(lab.postgres, world)
    return found


def _executed(lab: Lab, world: World) -> Iterator[tuple[Request, list[Executed]]]:
    """One request of each scenario, asked of the application in this process, with the statements that it executed."""
    settings = load_settings(
        app_setting="testing",
        secret_key=ours.SECRET_KEY,
        database_url=lab.postgres.url_of(world.name),
        ratelimit_enabled=False,
    )
    app = create_app(settings)
    database = services_of(app).database
    executed: list[Executed] = []
    database.on_execute = lambda compiled, values: executed.append((compiled, values))
    client = app.test_client()
    for first in _requests(lab, world):
        following: Request | None = first
        while following is not None:
            request, following = following, None
            executed.clear()
            headers = {"Authorization": f"Bearer {request.token}"} if request.token else {}
            body = json.loads(request.body) if request.body else None
            answer = client.open(request.path, method=request.method, headers=headers, json=body)
            if not executed or not 200 <= answer.status_code < 300:
                raise RuntimeError(f"{request.method} {request.path}: {answer.status}")
            yield request, list(executed)
            path = (answer.get_json(silent=True) or {}).get("next")
            if path and "cursor" not in request.path:  # a page that is not the first is another statement
                following = request._replace(path=path)


def _requests(lab: Lab, world: World) -> Iterator[Request]:
    chance = Chance(world, lab.tokens(world), Random(0))
    for scenario in scenarios.ALL:
        if scenario.ask is not None:
            yield scenario.ask(chance)


def _plans(connection: Connection, compiled: Compiled, values: Values) -> Iterator[dict[str, Any]]:
    """The plan for just these values, and the one that a prepared statement keeps for all."""
    given = [values[name] if name in values else compiled.constants[name] for name in compiled.parameters]
    options = "ANALYZE, BUFFERS, FORMAT JSON" if compiled.is_read else "FORMAT JSON"  # only reading can be repeated
    literals = sql.SQL(", ").join(sql.Literal(None if value is None else str(value)) for value in given)
    connection.execute(f"PREPARE looked_at AS {compiled.sql}".encode())
    for mode in ("force_custom_plan", "force_generic_plan"):
        connection.execute(f"SET plan_cache_mode = {mode}".encode())
        asked = sql.SQL(f"EXPLAIN ({options}) EXECUTE looked_at ({{}})").format(literals)
        rows = connection.execute(asked).fetchall()
        yield rows[0][0][0]["Plan"]
    connection.execute("DEALLOCATE looked_at")


def _problems_of(plan: dict[str, Any], growing: set[str]) -> Iterator[str]:
    for node in _nodes(plan):
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in growing:
            yield f"reads through {node['Relation Name']}"
    pages = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    if pages > MOST_PAGES:
        yield f"touches {pages:,} pages"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)

"""Change log: no write is forgotten. After each route that writes, every row that differs has a row of the log."""

import sys
from typing import Any

import pytest
from sqlalchemy import Delete, Insert, Update, select

from bucketlist.auth.recording import RECORDED
from bucketlist.backup.checks import find_unrecorded
from bucketlist.config import Settings
from bucketlist.kit.db.database import Statement, Together
from bucketlist.models import OWNED, changes
from tests.people import Person
from tests.product_statements import kept_statements
from tests.raw_database import open_database
from tests.routes import WRITES, Route, body_for, make_place

NOT_RECORDED = {  # and why
    "users": "the account itself; its row has the number",
    "blacklisted_tokens": "who is signed in",
    "changes": "the log",
    "idempotency_keys": "kept answers",
    "item_tags": "a part of items, which tell their tags",
    "known_networks": "who is signed in",
    "outbox": "mail that waits",
    "sessions": "who is signed in",
    "tombstones": "what is to be purged",
    "trash": "where the things lie that say so themselves",
}
PURGES = {"purging.queries.OF_ACCOUNT", "purging.queries.OF_TRASH"}  # of what is hidden already, and has its row there

Things = dict[tuple[str, str], dict[str, Any]]


def recorded_rows(settings: Settings) -> Things:
    with open_database(settings) as connection:
        return {
            (kind, row["id"]): dict(row)
            for kind, table in RECORDED.items()
            for row in connection.execute(select(table)).mappings()
        }


def last_words(settings: Settings) -> dict[tuple[str, str], tuple[int, str]]:
    with open_database(settings) as connection:
        rows = connection.execute(select(changes).order_by(changes.c.number)).mappings()
        return {(row["kind"], row["thing_id"]): (row["number"], row["action"]) for row in rows}


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_every_row_that_differs_after_a_write_has_a_row_of_the_log(
    settings: Settings, ada: Person, route: Route
) -> None:
    ada.make_item(make_place(ada).bucket_id)
    path, body = make_place(ada).path(route), body_for(route, ada)
    before, said = recorded_rows(settings), last_words(settings)

    assert ada.ask(route.method, path, body).status_code == route.status

    after, words = recorded_rows(settings), last_words(settings)
    differing = {key for key in after if before.get(key) != after[key]}
    gone = {key for key in before.keys() - after.keys() if ("bucket", before[key].get("bucket_id", "")) in after}
    assert {key for key in differing if words[key] == said.get(key)} == set()
    assert {key for key in differing if words[key][0] != after[key]["version"]} == set()
    assert {words[key][1] for key in gone} <= {"deleted"}
    with open_database(settings) as connection:
        assert list(find_unrecorded(connection)) == []


def test_every_table_of_somebodys_is_recorded_or_there_is_a_reason() -> None:
    assert {table.name for table in OWNED} == {table.name for table in RECORDED.values()} | NOT_RECORDED.keys()


def test_no_statement_writes_to_a_recorded_table_but_in_a_pipeline_with_the_log() -> None:
    alone = {
        name
        for name, statements in kept_statements().items()
        for statement in statements
        if isinstance(statement.core, Insert | Update | Delete) and statement.core.table in RECORDED.values()
    }

    assert alone - PURGES == pipelined()


def pipelined() -> set[str]:
    """The names of constants that are such pipelines, or have them by a key."""
    return {
        f"{module.removeprefix('bucketlist.')}.{name}"
        for module, loaded in list(sys.modules.items())
        if module.startswith("bucketlist.")
        for name, kept in vars(loaded).items()
        for value in (kept.values() if isinstance(kept, dict) else [kept])
        if isinstance(value, Together) and writes(value.statements)
    }


def writes(statements: tuple[Statement, ...]) -> bool:
    kinds = [one.core.table for one in statements if isinstance(one.core, Insert | Update | Delete)]
    return any(table in RECORDED.values() for table in kinds)

"""Transactions and tenant isolation: all of a request or nothing, and whatever Ada does changes no row of Ben's."""

import pytest
from sqlalchemy import insert, select

from bucketlist.accounts import service as accounts
from bucketlist.accounts.schemas import RegisterIn
from bucketlist.config import Settings
from bucketlist.kit.db.database import transaction
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.mail import notifications
from bucketlist.models import metadata
from tests.authentication import log_in
from tests.conftest import on_sqlite
from tests.fault_injection import failing_at
from tests.people import PASSWORD, Person
from tests.raw_database import Rows, open_database, read_all_tables
from tests.routes import WRITES, Route, body_for, make_place

NOT_FILLED = {"blacklisted_tokens", "known_networks", "tombstones"}  # `fill` does nothing that would
TABLES = {table.name for table in metadata.sorted_tables if "user_id" in table.columns} - NOT_FILLED
ONE_EACH = {"email_addresses"}  # an address is one person's


def fill(person: Person) -> None:
    """A row in every table in which people have any."""
    make_place(person)
    log_in(person.client, person)
    person.post("/v1/buckets", {"name": "Far away"}, Idempotency_Key="once")
    with transaction():
        notifications.send_link(accounts.get_user_by_email(person.email), "reset")


def copy_rows(settings: Settings, giver: Person, taker: Person) -> None:
    """All that belongs to `giver` belongs to `taker` as well, under the same ids; a directory has other keys."""
    with open_database(settings) as connection:
        for table in metadata.sorted_tables:
            if table.name in ONE_EACH or "user_id" not in table.columns:
                continue
            for row in connection.execute(select(table).where(table.c.user_id == giver.id)).mappings().all():
                changed = {"user_id": taker.id}
                if [column.name for column in table.primary_key] == ["token_hash"]:
                    changed["token_hash"] = new_id()
                connection.execute(insert(table).values({**row, **changed}))


def rows_of(person: Person, settings: Settings) -> dict[str, Rows]:
    found = {name: [row for row in rows if person.id in row] for name, rows in read_all_tables(settings).items()}
    return {name: rows for name, rows in found.items() if rows}


@on_sqlite
@pytest.mark.threat(row=18)
@pytest.mark.parametrize("route", WRITES, ids=str)
def test_whatever_ada_does_changes_no_row_of_bens(settings: Settings, ada: Person, ben: Person, route: Route) -> None:
    fill(ada)
    path, body = make_place(ada).path(route), body_for(route, ada)
    copy_rows(settings, ada, ben)
    before = rows_of(ben, settings)

    response = ada.ask(route.method, path, body)

    assert response.status_code == route.status
    assert before.keys() >= TABLES
    assert rows_of(ben, settings) == before


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_a_request_that_fails_leaves_nothing_behind(app: ApiApp, settings: Settings, ada: Person, route: Route) -> None:
    path, body = make_place(ada).path(route), body_for(route, ada)
    before = read_all_tables(settings)

    with failing_at(app, route.statements, Unavailable()):
        response = ada.ask(route.method, path, body)

    assert response.status_code == 503
    assert read_all_tables(settings) == before
    assert ada.ask(route.method, path, body).status_code == route.status


def test_an_account_that_an_operator_makes_is_made_as_a_whole(app: ApiApp, settings: Settings) -> None:
    wanted = RegisterIn(email="dora@example.com", password=PASSWORD)
    before = read_all_tables(settings)

    with failing_at(app, 2, Unavailable()), pytest.raises(Unavailable):
        accounts.add_user(wanted)

    assert read_all_tables(settings) == before

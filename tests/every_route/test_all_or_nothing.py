"""Transactions are atomic: a request that fails at its last statement leaves nothing of the others behind."""

import pytest

from bucketlist.accounts import service as accounts
from bucketlist.accounts.schemas import RegisterIn
from bucketlist.config import Settings
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from tests.killing import failing_at
from tests.people import PASSWORD, Person
from tests.raw_database import read_all_tables
from tests.routes import WRITES, Route, body_for, make_place


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

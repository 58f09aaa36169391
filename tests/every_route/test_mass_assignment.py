"""Mass assignment: nobody writes a column by naming it; what is not in the schema of a body is refused by name."""

from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import metadata
from tests.conftest import on_sqlite
from tests.people import Person
from tests.responses import errors_of
from tests.routes import WITH_BODY, Route, body_for, make_place
from tests.rows import all_rows
from tests.strict_schemas import body_schema

pytestmark = on_sqlite  # what is refused comes to no database

MADE_UP = {
    *("isAdmin", "is_admin", "role", "deletedAt", "deleted_at", "etag", "emailVerified", "__class__", "$set", "owner"),
    *("itemCount", "doneCount"),
}
COLUMNS = {column.name for table in metadata.tables.values() for column in table.columns}
NAMES = sorted({spelt for name in COLUMNS for spelt in (name, to_camel(name))} | MADE_UP)
VALUES: list[Any] = ["019abcde-0000-7000-8000-000000000000", 7, None, True]


@pytest.mark.threat(row=20)
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_ada_writes_no_column_by_its_name(app: ApiApp, ada: Person, route: Route) -> None:
    path, body = make_place(ada).path(route), body_for(route, ada) or {}
    injected = [name for name in NAMES if name not in body_schema(app, route)["properties"]]
    before = list(all_rows())

    for value in VALUES:
        for start in range(0, len(injected), 50):
            some = injected[start : start + 50]
            response = ada.ask(route.method, path, body | dict.fromkeys(some, value))
            assert errors_of(response) == [(f"/{name}", "extra_forbidden") for name in some]

    assert list(all_rows()) == before


@pytest.mark.threat(row=20)
def test_every_column_was_tried_somewhere(app: ApiApp) -> None:
    tried = {name for route in WITH_BODY for name in NAMES if name not in body_schema(app, route)["properties"]}

    assert tried >= COLUMNS
    assert {"user_id", "userId", "version", "passwordHash", "tokenHash", "emailConfirmedAt"} <= set(NAMES)

"""N+1 queries: how many SQL statements a request takes is written down, and kept; so are the bytes of its answer."""

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.ids import new_id
from tests.people import Person
from tests.routes import PAGES, PRIVATE, READS, ROUTES, UNKNOWN, Route, body_for, make_place

BYTES = {"/v1/changes": 2000}  # of four things
CREATES = [route for route in ROUTES if route.status == 201 and not route.rule.startswith("/v1/auth/")]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_request_takes_as_many_statements_as_the_table_says_and_few_bytes(
    ada: Person, route: Route, statements: list[Compiled]
) -> None:
    path, body = make_place(ada).path(route), body_for(route, ada)
    statements.clear()

    response = ada.ask(route.method, path, body)

    assert (response.status_code, len(statements)) == (route.status, route.statements)
    most = BYTES.get(route.rule, 1000 if "/auth/" in route.rule else 500)
    assert not response.is_json or len(response.data) <= most
    assert sum(len(f"{name}: {value}\r\n") for name, value in response.headers) <= 1000


def test_a_read_takes_one_statement() -> None:
    assert {route.statements for route in READS} == {1}


@pytest.mark.parametrize("token", ["", "Bearer garbage"])
def test_nobody_costs_the_database_anything(client: FlaskClient, token: str, statements: list[Compiled]) -> None:
    asked = [
        client.open(UNKNOWN.path(route), method=route.method, headers={"Authorization": token}) for route in PRIVATE
    ]

    assert {answer.status_code for answer in asked} == {401}
    assert statements == []


@pytest.mark.parametrize(("rule", "path"), PAGES)
def test_a_page_costs_the_database_nothing(ada: Person, rule: str, path: str, statements: list[Compiled]) -> None:
    statements.clear()

    ada.client.get(path)

    assert len(statements) == (1 if rule == "/readyz" else 0)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "count"),
    [
        ("GET", "/v1/items/{unknown}", None, 404, 1),
        ("GET", "/v1/items/nonsense", None, 404, 1),
        ("GET", "/v1/buckets/{unknown}/items", None, 404, 1),
        ("GET", "/v1/items?limit=100&q=lights&sort=-name", None, 200, 1),
        ("GET", "/v1/items?limit=0", None, 422, 0),
        ("GET", "/v1/buckets/nonsense/items", None, 404, 1),
        ("POST", "/v1/buckets/{unknown}/items", {"name": "x"}, 404, 4),
        ("POST", "/v1/buckets/nonsense/items", {"name": "x"}, 404, 4),
        ("POST", "/v1/buckets", {"name": "x", "id": "{bucket}"}, 409, 4),
        ("POST", "/v1/buckets", {"name": ""}, 422, 0),
        ("PATCH", "/v1/items/{item}", {"name": "See the northern lights"}, 200, 1),
        ("PATCH", "/v1/items/{item}", {"bucketId": "{unknown}"}, 422, 2),
        ("PATCH", "/v1/items/{item}", {"bucketId": "nonsense"}, 422, 2),
        ("PATCH", "/v1/items/{unknown}", {"name": "x"}, 404, 1),
        ("DELETE", "/v1/items/{unknown}", None, 404, 1),
        ("DELETE", "/v1/buckets/{unknown}", None, 404, 2),
        ("DELETE", "/v1/buckets/nonsense", None, 404, 2),
    ],
)
def test_a_request_that_is_refused_takes_no_more(
    ada: Person,
    statements: list[Compiled],
    method: str,
    path: str,
    body: dict[str, str] | None,
    status: int,
    count: int,
) -> None:
    place = make_place(ada)
    names = {"bucket": place.bucket_id, "item": place.item_id, "unknown": new_id()}
    statements.clear()

    sent = body and {name: value.format(**names) for name, value in body.items()}
    response = ada.ask(method, path.format(**names), sent)

    assert (response.status_code, len(statements)) == (status, count)


def test_a_move_takes_one_statement_more(ada: Person, statements: list[Compiled]) -> None:
    place, there = make_place(ada), ada.make_bucket()["id"]
    statements.clear()

    ada.patch(f"/v1/items/{place.item_id}", {"bucketId": there})

    assert len(statements) == 5


@pytest.mark.parametrize("route", CREATES, ids=str)
def test_a_retried_create_takes_two_statements_more(ada: Person, route: Route, statements: list[Compiled]) -> None:
    path, body = make_place(ada).path(route), body_for(route, ada)
    counts = []
    for _ in range(2):
        statements.clear()
        ada.ask(route.method, path, body, Idempotency_Key="once")
        counts.append(len(statements))

    assert counts == [route.statements + 2, route.asks_before + 2]


def test_a_list_has_few_bytes_a_row(ada: Person) -> None:
    bucket = ada.make_bucket()["id"]
    for number in range(25):
        ada.make_item(bucket, f"Item {number:02}")

    response = ada.get("/v1/items?limit=25")

    assert len(response.data) / 25 <= 350
    assert b"  " not in response.data
    assert b'": ' not in response.data

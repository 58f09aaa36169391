"""R2, fair sharing: what one person asks of a full account is felt by nobody else, on any route.

The routes and the parameters that make a list dear come from the document, so that later ones are in it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from bucketlist.config import Settings
from bucketlist.kit.db import shares
from bucketlist.kit.db.database import database
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import buckets, items
from tests.authentication import bearer, log_in
from tests.bulk import bucket_rows, insert_rows, item_rows
from tests.people import Person, as_sent
from tests.resources import Things
from tests.responses import errors_of
from tests.routes import PRIVATE, Place, Route, body_for, make_place, template_of

EXPANDS = "\u2057"  # PRIME, four times, once it is folded
AT_ONCE = 16
LONG = 30  # items, as long as they may be
NEARLY = "a" * 199 + "x"


def fill(settings: Settings, person: Person, bucket_id: str, count: int = LONG) -> None:
    """Names that are alike to their last letters; `LONG` texts in which a search nearly finds what it looks for."""
    text = "a" * 240_000
    rows = item_rows(person.id, bucket_id, count)
    for row in rows:
        row["name"] = row["name_folded"] = f"{text[:490]}{row['position']:06}"
    for row in rows[:LONG]:
        row |= {"description": text[:20_000], "description_folded": text}
    insert_rows(settings, items, rows)


def ask(app: ApiApp, person: Person, path: str) -> TestResponse:
    return app.test_client().get(path, headers=bearer(person.access_token))


@pytest.mark.slow
@pytest.mark.threat(row=53)
@pytest.mark.parametrize(
    "path",
    [f"/v1/items?limit=1&q={NEARLY}", f"/v1/items?limit=1&q=x{NEARLY[1:]}", "/v1/items?limit=1&sort=-name"],
    ids=["search", "turned", "sorted"],
)
def test_r2_others_read_while_ada_searches_sixteen_times_at_once(
    app: ApiApp, settings: Settings, ada: Person, ben: Person, path: str
) -> None:
    fill(settings, ada, ada.make_bucket()["id"])
    mine = ben.make_bucket()["id"]
    others = []

    with ThreadPoolExecutor(AT_ONCE) as threads:
        searches = [threads.submit(ask, app, ada, path) for _ in range(AT_ONCE)]
        while not all(search.done() for search in searches):
            others += [ask(app, ben, f"/v1/buckets/{mine}").status_code, ask(app, ben, "/v1/items?q=x").status_code]
    statuses = Counter(search.result().status_code for search in searches)

    assert set(others) == {200}
    assert statuses[200] > 0
    assert set(statuses) <= {200, 429}


@pytest.mark.in_process("holds the connections of this process")
def test_r2_a_request_takes_its_connection_of_the_share_of_who_asks(
    app: ApiApp, ada: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "WAIT_SECONDS", 0.0)
    fair, size = database().fair, database().pool.size

    with ExitStack() as held:
        for _ in range((size + 1) // 2):
            held.enter_context(fair.share(ada.id))
        assert ada.get("/v1/users/me").status_code == 503
        assert log_in(app.test_client(), ada)["accessToken"]  # nobody is known to ask
        assert ben.get("/v1/users/me").status_code == 200

    assert ada.get("/v1/users/me").status_code == 200


@pytest.mark.threat(row=24)
def test_r2_what_is_longer_than_any_name_once_it_is_folded_is_not_searched(listed: Things) -> None:
    assert errors_of(listed.ask(q=EXPANDS * 199 + "x")) == [("q", "string_too_long")]
    assert listed.ask(q=EXPANDS * 125).status_code == 200


@pytest.mark.parametrize(
    ("query", "is_slow"), [("", False), ("?sort=-position", False), ("?sort=name", True), ("?q=x", True)]
)
def test_r2_a_list_that_no_index_gives_goes_in_the_slow_lane(
    statements: list[Compiled], ada: Person, query: str, *, is_slow: bool
) -> None:
    bucket = ada.make_bucket()["id"]
    statements.clear()

    for path in ("/v1/buckets", f"/v1/buckets/{bucket}/items"):
        assert ada.get(f"{path}{query}").status_code == 200
    assert ada.get(f"/v1/items{query}").status_code == 200

    assert [statement.is_slow for statement in statements] == [is_slow, is_slow, True]


DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
BUCKETS, ITEMS = 500, 5_000  # a twentieth of what there may be


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` leads to."""
    found = DOCUMENT
    for name in part.get("$ref", "").split("/")[1:]:
        found = found[name]
    return found if "$ref" in part else part


def queries_of(route: Route) -> Iterator[str]:
    """Without parameters, and with each order that there is; searched in two of them."""
    yield ""
    operation = DOCUMENT["paths"][template_of(route.rule)][route.method.lower()]
    parameters = [resolved(one) for one in operation.get("parameters", ())]
    found = {one["name"]: resolved(one["schema"]) for one in parameters if one["in"] == "query"}
    orders = found.get("sort", {}).get("enum", [])
    for order in orders:
        yield f"?{urlencode({'sort': order, 'limit': 100})}"
        if "q" in found and order in (orders[0], "-name"):
            yield f"?{urlencode({'sort': order, 'limit': 100, 'q': NEARLY})}"


def requests_of(person: Person, place: Place) -> Iterator[tuple[str, str, Any]]:
    """Reads first, what removes the bucket and the account at the end."""
    order = sorted(PRIVATE, key=lambda route: (route.method != "GET", route.method == "DELETE", "users" in route.rule))
    for route in order:
        if "logout" in route.rule or route.rule == "/v1/auth/password":
            continue  # the token would be worthless
        for query in queries_of(route):
            yield route.method, place.path(route) + query, body_for(route, person)


@pytest.mark.slow
@pytest.mark.threat(row=53)
def test_r2_whatever_a_full_account_asks_others_are_answered(
    app: ApiApp, settings: Settings, ada: Person, ben: Person
) -> None:
    place, mine = make_place(ada), ben.make_bucket()["id"]
    insert_rows(settings, buckets, bucket_rows(ada.id, BUCKETS))
    fill(settings, ada, place.bucket_id, ITEMS)
    hers: list[tuple[int, str, str]] = []
    others: list[int] = []

    with ThreadPoolExecutor(1) as thread:
        for method, path, body in requests_of(ada, place):
            asked = thread.submit(
                app.test_client().open, path, method=method, headers=bearer(ada.access_token), **as_sent(body)
            )
            while not asked.done() or not others:
                others += [ben.get(f"/v1/buckets/{mine}").status_code, ben.get("/v1/items?q=x").status_code]
            hers.append((asked.result().status_code, method, path))

    assert set(others) == {200}
    assert [one for one in hers if one[0] >= 500] == []
    assert (204, "DELETE", "/v1/users/me") in hers
    assert {status for status, _, path in hers if "q=" in path} == {200}
    assert sum("q=" in path for _, _, path in hers) >= 6

"""R2: every route, asked by the fullest account that quotas allow (scaled), while somebody else reads.

The routes and the parameters that make a list dear come from the document, so that later ones are in it.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import buckets, items
from tests.auth.steps import bearer
from tests.bulk import bucket_rows, insert_rows, item_rows
from tests.people import Person
from tests.routes import PRIVATE, Place, Route, body_for, make_place

DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
BUCKETS, ITEMS, LONG = 500, 5_000, 20  # a twentieth of what there may be, and some as long as they may be
NEARLY = "a" * 199 + "x"
WORST = "a" * 240_000


def fill(settings: Settings, person: Person, bucket_id: str) -> None:
    """Names that are alike to their last letters, and texts in which a search nearly finds what it looks for."""
    insert_rows(settings, buckets, bucket_rows(person.id, BUCKETS))
    same = "a" * 490
    rows: list[dict[str, Any]] = item_rows(person.id, bucket_id, ITEMS)
    for row in rows:
        row["name"] = row["name_folded"] = f"{same}{row['position']:06}"
    for row in rows[:LONG]:
        row |= {"description": WORST[:20_000], "description_folded": WORST}
    insert_rows(settings, items, rows)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` leads to."""
    found = DOCUMENT
    for name in part.get("$ref", "").split("/")[1:]:
        found = found[name]
    return found if "$ref" in part else part


def queries_of(route: Route) -> Iterator[str]:
    """Without parameters, and with each order that there is; searched in two of them."""
    yield ""
    operation = DOCUMENT["paths"][route.rule.replace("<", "{").replace(">", "}")][route.method.lower()]
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
    fill(settings, ada, place.bucket_id)
    hers: list[tuple[int, str, str]] = []
    others: list[int] = []

    with ThreadPoolExecutor(1) as thread:
        for method, path, body in requests_of(ada, place):
            asked = thread.submit(
                app.test_client().open, path, method=method, json=body, headers=bearer(ada.access_token)
            )
            while not asked.done() or not others:
                others += [ben.get(f"/v1/buckets/{mine}").status_code, ben.get("/v1/items?q=x").status_code]
            hers.append((asked.result().status_code, method, path))

    assert set(others) == {200}
    assert [one for one in hers if one[0] >= 500] == []
    assert (204, "DELETE", "/v1/users/me") in hers
    assert {status for status, _, path in hers if "q=" in path} == {200}
    assert sum("q=" in path for _, _, path in hers) >= 6

"""R2: fair queueing: what one person asks of a full account is felt by nobody else."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bucketlist.config import Settings
from bucketlist.kit.db import shares
from bucketlist.kit.db.database import database
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import items
from tests.auth.steps import bearer, log_in
from tests.bulk import insert_rows, item_rows
from tests.people import Person
from tests.resources import Things
from tests.responses import errors_of

EXPANDS = "\u2057"  # PRIME, four times, once it is folded
AT_ONCE = 16
LONG = 30  # items, as long as they may be
NEARLY = "a" * 199 + "x"


def fill_with_long_texts(settings: Settings, ada: Person) -> str:
    """A bucket of items in which a search nearly finds what it looks for at each letter."""
    bucket: str = ada.make_bucket()["id"]
    text = "a" * 240_000
    rows: list[dict[str, Any]] = item_rows(ada.id, bucket, LONG)
    insert_rows(settings, items, [row | {"description": text[:20_000], "description_folded": text} for row in rows])
    return bucket


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
    fill_with_long_texts(settings, ada)
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

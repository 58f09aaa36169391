"""Idempotency-Key: a create that is sent again answers the first success again."""

from dataclasses import replace
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.limits import idempotency, quotas
from bucketlist.models import buckets, idempotency_keys, items
from bucketlist.services import services_of
from tests.authentication import bearer, log_in
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import code_of, errors_of, json_of
from tests.rows import all_rows, count_rows

pytestmark = pytest.mark.usefixtures("clock")

BUCKET = {"name": "Far away", "description": "Where the maps end."}
KEY = "key-1"


def make_bucket(person: Person, body: object = BUCKET, key: str = KEY, path: str = "/v1/buckets") -> TestResponse:
    return person.post(path, body, Idempotency_Key=key)


def is_replay(response: TestResponse) -> bool:
    return response.headers.get("Idempotency-Replayed") == "true"


def without_marks(response: TestResponse) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but what tells a replay from the first one."""
    marks = ("Idempotency-Replayed", "X-Request-Id", "Date")
    return response.status_code, response.data, {k: v for k, v in response.headers.items() if k not in marks}


@on_both_paths
def test_the_first_answer_is_given_again_byte_for_byte(
    ada: Person, clock: time_machine.Traveller, base_path: str
) -> None:
    first = make_bucket(ada)
    clock.shift(600)

    second = make_bucket(ada)

    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    assert is_replay(second)
    assert without_marks(second) == without_marks(first)
    assert first.headers["Location"] == f"{base_path}/v1/buckets/{json_of(first)['id']}"
    assert count_rows(buckets) == 1


@pytest.mark.threat(row=52)
def test_the_lists_of_an_item_are_answered_again_and_not_kept_twice(ada: Person) -> None:
    bucket = ada.make_bucket()["id"]
    ada.make_item(bucket, tags=["winter"])
    path = f"/v1/buckets/{bucket}/items"
    wish = {
        "name": "x",
        "tags": ["Winter", *(str(number) * 25 for number in range(10, 30))],
        "steps": [{"text": "x" * 500, "done": True}] * 9,
        "links": [{"url": "https://example.com"}],
    }

    first, second = (make_bucket(ada, wish, path=path) for _ in range(2))

    assert is_replay(second)
    assert second.data == first.data
    assert max(len(str(value)) for table, row in all_rows() if table is idempotency_keys for value in row) < 1_000


@on_both_paths
def test_the_answer_stays_though_the_bucket_has_changed_or_gone(ada: Person) -> None:
    first = make_bucket(ada)
    path = first.headers["Location"]

    ada.patch(path, {"name": "Near"})
    assert make_bucket(ada).data == first.data
    for gone in (path, "/v1/trash"):
        ada.delete(gone)
        assert make_bucket(ada).data == first.data
    assert count_rows(buckets) == 0


@pytest.mark.parametrize(
    "same",
    [
        {"description": "Where the maps end.", "name": "Far away"},
        {"name": "  Far away ", "description": "Where the maps end.\n"},
    ],
)
def test_a_request_that_means_the_same_is_the_same(ada: Person, same: dict[str, Any]) -> None:
    first = make_bucket(ada)

    second = make_bucket(ada, same, path="/v1/buckets/")

    assert is_replay(second)
    assert second.data == first.data


@pytest.mark.parametrize(
    "other", [{"name": "far away"}, {"name": "Far away"}, BUCKET | {"description": "x"}, BUCKET | {"id": new_id()}]
)
def test_the_key_of_another_body_is_refused(ada: Person, other: dict[str, str]) -> None:
    make_bucket(ada)

    response = make_bucket(ada, other)

    assert code_of(response) == (422, "idempotency_key_reused")
    assert count_rows(buckets) == 1


def test_the_key_of_another_path_is_refused(ada: Person) -> None:
    first, second = (f"/v1/buckets/{ada.make_bucket()['id']}/items" for _ in range(2))
    make_bucket(ada, {"name": "x"}, path=first)

    assert code_of(make_bucket(ada, {"name": "x"}, path=second)) == (422, "idempotency_key_reused")
    assert code_of(make_bucket(ada, {"name": "x"})) == (422, "idempotency_key_reused")
    assert count_rows(items) == 1


@pytest.mark.parametrize("key", ["!", "~", "x" * 255, '"quoted"', "a;b=c/../'--", '"a,b"'])
def test_a_key_is_any_visible_ascii(ada: Person, key: str) -> None:
    assert make_bucket(ada, key=key).status_code == 201
    assert is_replay(make_bucket(ada, key=key))


def test_keys_differ_in_case(ada: Person) -> None:
    assert not any(is_replay(make_bucket(ada, key=key)) for key in ("key", "KEY", "Key"))
    assert count_rows(buckets) == 3


def test_a_failure_is_not_remembered(ada: Person) -> None:
    used = ada.make_bucket()["id"]
    body = BUCKET | {"id": used}

    assert code_of(make_bucket(ada, body)) == (409, "id_taken")
    assert errors_of(make_bucket(ada, {"name": ""}))
    assert count_rows(idempotency_keys) == 0
    ada.delete(f"/v1/buckets/{used}")
    assert code_of(make_bucket(ada, body)) == (409, "id_taken")
    ada.delete("/v1/trash")
    assert make_bucket(ada, body).status_code == 201


def test_an_item_for_a_bucket_that_is_not_there_leaves_no_key(ada: Person) -> None:
    response = make_bucket(ada, {"name": "x"}, path=f"/v1/buckets/{new_id()}/items")

    assert code_of(response) == (404, "not_found")
    assert count_rows(idempotency_keys) == 0


def test_ben_has_keys_of_his_own(ada: Person, ben: Person) -> None:
    first = make_bucket(ada)

    second = make_bucket(ben)

    assert second.status_code == 201
    assert not is_replay(second)
    assert json_of(second)["id"] != json_of(first)["id"]
    assert make_bucket(ada).data == first.data
    assert make_bucket(ben).data == second.data


def test_a_key_belongs_to_ada_in_all_her_sessions(client: FlaskClient, ada: Person) -> None:
    first = make_bucket(ada)

    headers = bearer(log_in(client, ada)) | {"Idempotency-Key": KEY}
    second = client.post("/v1/buckets", json=BUCKET, headers=headers)

    assert is_replay(second)
    assert second.data == first.data


def test_a_key_is_forgotten_after_a_day(app: ApiApp, ada: Person, clock: time_machine.Traveller) -> None:
    make_bucket(ada)

    clock.shift(24 * 3600)
    ada.access_token = services_of(app).access_tokens.issue(
        replace(ada.actor, expires_at=ada.actor.expires_at + 24 * 3600)
    )
    assert is_replay(make_bucket(ada))
    clock.shift(0.001)
    third = make_bucket(ada, {"name": "Something else"})
    assert third.status_code == 201
    assert not is_replay(third)
    assert is_replay(make_bucket(ada, {"name": "Something else"}))


def test_with_a_worthless_token_nothing_is_replayed(ada: Person) -> None:
    make_bucket(ada)
    ada.post("/v1/auth/logout")

    assert code_of(make_bucket(ada)) == (401, "unauthorized")
    assert code_of(make_bucket(ada, key="new")) == (401, "unauthorized")
    assert errors_of(make_bucket(ada, key="no good")) == [("Idempotency-Key", "idempotency_key")]


def test_a_key_means_nothing_where_nothing_is_made(ada: Person) -> None:
    path = f"/v1/buckets/{ada.make_bucket()['id']}"

    for body in ({"name": "A"}, {"name": "B"}):
        assert ada.patch(path, body, Idempotency_Key=KEY).status_code == 200
    assert ada.get(path, Idempotency_Key=KEY).status_code == 200
    assert count_rows(idempotency_keys) == 0


LONG = {"name": "\U0001f680" * 200, "description": '"\U0001f680"\n' * 4_000}


@pytest.mark.threat(row=52)
def test_r7_a_kept_answer_holds_no_text_that_a_retry_brings_again(ada: Person) -> None:
    first = make_bucket(ada, LONG)

    assert without_marks(make_bucket(ada, LONG)) == without_marks(first)
    (kept,) = execute(Statement(select(idempotency_keys.c.headers, idempotency_keys.c.body)), {})
    assert sum(len(text.encode()) for text in kept) < 700


@pytest.mark.threat(row=52)
def test_r7_so_many_answers_are_kept_and_then_no_key_is_taken(
    ada: Person, ben: Person, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "KEPT_ANSWERS", quotas.Quota(3))
    monkeypatch.setattr(quotas, "CHECK_EVERY", 1)
    for key in "abc":
        assert make_bucket(ada, key=key).status_code == 201

    refused = make_bucket(ada, key="d")

    assert code_of(refused) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "3600"
    assert is_replay(make_bucket(ada, key="a"))
    assert ada.post("/v1/buckets", BUCKET).status_code == 201
    assert make_bucket(ben, key="d").status_code == 201
    clock.shift(24 * 3600 + 1)
    assert make_bucket(replace(ada, access_token=log_in(ada.client, ada)["accessToken"]), key="d").status_code == 201

"""Quotas: how much one account may hold, so much and no more, however many ask at once."""

from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.accounts import login
from bucketlist.buckets import quotas as buckets_quotas
from bucketlist.config import Settings
from bucketlist.items import quotas as items_quotas
from bucketlist.kit import clock
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits import quotas
from bucketlist.limits.quotas import Quota
from bucketlist.models import buckets, items, refresh_tokens
from bucketlist.sessions.quotas import MOST_SESSIONS, MOST_TOKENS
from tests.authentication import bearer, is_signed_in, log_in, refresh
from tests.bulk import bucket_rows, insert_rows, item_rows
from tests.concurrency import together
from tests.conftest import on_postgresql
from tests.people import PASSWORD, Person
from tests.responses import code_of, json_of
from tests.rows import count_rows

TOKEN = {"name": "Script", "scope": "read", "currentPassword": PASSWORD}
REFUSED = (409, "limit_reached")
QUOTAS = {"buckets": buckets_quotas, "items": items_quotas}
MOST = 300


def fill(settings: Settings, person: Person, kind: str, count: int) -> str:
    """So many buckets, or items of a bucket; where more of them are made."""
    if kind == "buckets":
        insert_rows(settings, buckets, bucket_rows(person.id, count))
        return "/v1/buckets"
    bucket = person.make_bucket()["id"]
    insert_rows(settings, items, item_rows(person.id, bucket, count))
    return f"/v1/buckets/{bucket}/items"


@pytest.fixture(params=["buckets", "items"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What there may be 300 of; below twenty of them a worker looks at one in four."""
    name: str = request.param
    monkeypatch.setattr(quotas, "CHECK_EVERY", 4)
    monkeypatch.setattr(quotas, "ALWAYS_CHECK_WITHIN", 280)
    monkeypatch.setattr(QUOTAS[name], name.upper(), Quota(MOST))
    return name


@on_postgresql
@pytest.mark.slow
@pytest.mark.threat(row=52)
@pytest.mark.parametrize(("full", "most"), [("buckets", 10_000), ("items", 100_000)])
def test_ada_fills_her_account_to_the_last_row(
    settings: Settings, ada: Person, ben: Person, full: str, most: int
) -> None:
    path = fill(settings, ada, full, most - 1)

    last, one_more = (ada.post(path, {"name": "See the northern lights"}) for _ in range(2))

    assert last.status_code == 201
    assert code_of(one_more) == REFUSED
    assert ben.post("/v1/buckets", {"name": "Far away"}).status_code == 201
    assert ada.delete(f"/v1/{full}/{json_of(last)['id']}").status_code == 204
    assert code_of(ada.post(path, {"name": "See the southern lights"})) == REFUSED
    assert ada.delete("/v1/trash").status_code == 204
    assert ada.post(path, {"name": "See the southern lights"}).status_code == 201


@pytest.mark.threat(row=52)
def test_what_others_have_takes_no_room_of_adas(settings: Settings, ada: Person, ben: Person, kind: str) -> None:
    fill(settings, ben, kind, MOST)
    path = fill(settings, ada, kind, 1)

    assert ada.post(path, {"name": "x"}).status_code == 201


@pytest.mark.threat(row=52)
@pytest.mark.parametrize("held", [10, 295])
def test_twenty_at_once_do_not_get_past_the_bound(
    app: ApiApp, settings: Settings, ada: Person, kind: str, held: int
) -> None:
    path = fill(settings, ada, kind, held)

    def post_often(_: int) -> list[int]:
        client = app.test_client()
        answers = [client.post(path, json={"name": "x"}, headers=bearer(ada.access_token)) for _ in range(15)]
        return [answer.status_code for answer in answers]

    statuses = Counter(status for each in together(20, post_often) for status in each)

    assert statuses == {201: MOST - held, 409: held}
    assert json_of(ada.get(path))["count"] == MOST


def test_whoever_is_full_is_told_what_else_is_wrong_first(settings: Settings, ada: Person, kind: str) -> None:
    path = fill(settings, ada, kind, MOST)
    taken = json_of(ada.get(path))[kind][0]["id"]

    assert code_of(ada.post(path, {"name": "x"})) == REFUSED
    assert code_of(ada.post(path, {"name": "x", "id": taken})) == (409, "id_taken")
    assert ada.post(path, {"name": ""}).status_code == 422
    ada.post("/v1/auth/logout")
    assert ada.post(path, {"name": "x"}).status_code == 401


def test_a_refusal_for_want_of_room_is_not_remembered(settings: Settings, ada: Person, kind: str) -> None:
    path = fill(settings, ada, kind, MOST)
    assert code_of(ada.post(path, {"name": "x"}, Idempotency_Key="once")) == REFUSED

    ada.delete(f"/v1/{kind}/{json_of(ada.get(path))[kind][0]['id']}")
    assert code_of(ada.post(path, {"name": "x"}, Idempotency_Key="once")) == REFUSED
    ada.delete("/v1/trash")

    assert ada.post(path, {"name": "x"}, Idempotency_Key="once").status_code == 201


@pytest.mark.threat(row=52)
def test_ada_has_fifty_tokens_that_live_and_no_more(ada: Person) -> None:
    tomorrow = clock.text_from_now(days=1)
    for _ in range(MOST_TOKENS):
        assert ada.post("/v1/auth/tokens", {**TOKEN, "expiresAt": tomorrow}).status_code == 201

    refused = ada.post("/v1/auth/tokens", TOKEN)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        token = log_in(ada.client, ada)["accessToken"]
        after_they_expired = ada.post("/v1/auth/tokens", TOKEN, Authorization=f"Bearer {token}")

    assert code_of(refused) == REFUSED
    assert after_they_expired.status_code == 201
    assert len(json_of(ada.get("/v1/auth/tokens?limit=100"))["tokens"]) == 1  # the others went as they had expired


@pytest.mark.threat(row=52)
@pytest.mark.usefixtures("patient_hashing")
def test_of_twenty_who_want_the_last_five_tokens_five_get_one(app: ApiApp, ada: Person) -> None:
    for _ in range(MOST_TOKENS - 5):
        ada.post("/v1/auth/tokens", TOKEN)

    statuses = together(
        20,
        lambda _: app.test_client().post("/v1/auth/tokens", json=TOKEN, headers=bearer(ada.access_token)).status_code,
    )

    assert Counter(statuses) == {201: 5, 409: 15}


@pytest.mark.threat(row=52)
def test_whoever_logs_in_once_more_is_signed_out_where_it_is_longest_ago(client: FlaskClient, ada: Person) -> None:
    ada.post("/v1/auth/tokens", TOKEN)
    ada.post("/v1/auth/logout")
    signed_in = [log_in(client, ada) for _ in range(MOST_SESSIONS)]
    refresh(client, signed_in[0]["refreshToken"])

    newest = log_in(client, ada)

    assert is_signed_in(client, newest)
    assert [is_signed_in(client, session) for session in signed_in] == [True, False] + [True] * (MOST_SESSIONS - 2)
    assert refresh(client, signed_in[1]["refreshToken"]).status_code == 401
    listed = client.get("/v1/auth/sessions?limit=100", headers=bearer(newest))
    assert json_of(listed)["count"] == MOST_SESSIONS
    assert count_rows(refresh_tokens) == MOST_SESSIONS + 1  # one of them was refreshed
    assert json_of(client.get("/v1/auth/tokens", headers=bearer(newest)))["count"] == 1


@pytest.mark.threat(row=52)
def test_where_others_are_signed_in_takes_no_place_of_adas(client: FlaskClient, ada: Person, ben: Person) -> None:
    for _ in range(MOST_SESSIONS):
        login.open_session_of(ben.email)

    log_in(client, ada)

    assert is_signed_in(client, ada.access_token)


@pytest.mark.threat(row=52)
@pytest.mark.usefixtures("patient_hashing")
def test_twenty_who_log_in_at_once_leave_fifty_places(app: ApiApp, client: FlaskClient, ada: Person) -> None:
    for _ in range(MOST_SESSIONS - 1):
        login.open_session_of(ada.email)

    together(20, lambda _: log_in(app.test_client(), ada))

    listed = client.get("/v1/auth/sessions?limit=100", headers=bearer(log_in(client, ada)))
    assert json_of(listed)["count"] == MOST_SESSIONS

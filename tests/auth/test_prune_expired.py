"""Pruning: what has expired is removed, and nothing that lives."""

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import (
    attempts,
    blacklisted_tokens,
    idempotency_keys,
    mail_links,
    outbox,
    refresh_tokens,
    sessions,
    users,
)
from bucketlist.ops.pruning import prune
from tests.auth.steps import bearer, count_rows, is_signed_in, log_in, refresh, sign_up
from tests.people import make_person

pytestmark = pytest.mark.usefixtures("clock")

DAY = 86_400
STEPS: list[tuple[float, dict[str, int]]] = [  # how long to wait, and how many rows of a table are there then
    (300, {}),
    (0.001, {"attempts": 4}),  # what counts for five minutes is gone
    (900 - 300.001, {}),
    (0.001, {"blacklisted_tokens": 0}),
    (3600 - 900.001, {}),
    (0.001, {"attempts": 1}),  # the letter to an address that nobody has confirmed
    (DAY - 3600.001, {}),
    (0.001, {"idempotency_keys": 0, "attempts": 0}),
    (3 * DAY - 0.001, {}),
    (0.001, {"outbox": 0}),
    (4 * DAY - 0.001, {}),
    (0.001, {"mail_links": 0}),  # it was good for a week, and is kept for a day longer
    (22 * DAY - 0.001, {}),
    (0.001, {"sessions": 0, "refresh_tokens": 0}),
]


def counts() -> dict[str, int]:
    tables = (blacklisted_tokens, attempts, idempotency_keys, outbox, mail_links, sessions, refresh_tokens, users)
    return {table.name: count_rows(table) for table in tables}


def test_each_row_goes_when_it_has_had_its_time(
    limited_app: ApiApp, limited_client: FlaskClient, clock: time_machine.Traveller
) -> None:
    session = sign_up(limited_client)
    limited_client.post("/v1/buckets", json={"name": "x"}, headers=bearer(session) | {"Idempotency-Key": "once"})
    limited_client.post("/v1/auth/logout", headers=bearer(log_in(limited_client, "dora@example.com")))
    kept = {
        "blacklisted_tokens": 1,
        "attempts": 8,
        "idempotency_keys": 1,
        "outbox": 1,
        "mail_links": 1,
        "sessions": 1,
        "refresh_tokens": 1,
        "users": 1,
    }
    assert counts() == kept

    for seconds, left in STEPS:
        clock.shift(seconds)
        prune()
        kept |= left
        assert counts() == kept, f"{seconds} seconds later"


def test_pruning_signs_nobody_out(app: ApiApp, client: FlaskClient, clock: time_machine.Traveller) -> None:
    make_person(app, "ada@example.com")
    session = log_in(client, "ada@example.com")
    clock.shift(29 * DAY)

    prune()

    session = refresh(client, session["refreshToken"]).get_json()
    assert is_signed_in(client, session)


def test_a_session_that_is_used_is_kept(client: FlaskClient, clock: time_machine.Traveller) -> None:
    session = sign_up(client)
    for _ in range(3):
        clock.shift(20 * DAY)
        session = refresh(client, session["refreshToken"]).get_json()
        prune()

    assert is_signed_in(client, session)
    assert count_rows(refresh_tokens) == 2

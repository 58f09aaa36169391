"""Pruning: what has expired is removed, in batches (R8), and nothing that lives."""

from collections.abc import Sequence
from functools import partial
from math import ceil

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import bindparam, text

from bucketlist.config import Settings
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import Statement
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.db.pruning import batch_of
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.limits import rate_limit_queries
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
from bucketlist.ops import pruning as ops_pruning
from bucketlist.ops.pruning import prune
from bucketlist.sessions import lifecycle_queries
from tests.authentication import bearer, is_signed_in, log_in, refresh, sign_up
from tests.bulk import insert_rows
from tests.concurrency import just_before
from tests.people import Person, make_person
from tests.rows import count_rows

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


BATCH = 10
LONG_AGO = "2020-01-01T00:00:00.000Z"
FAR_AWAY = "2090-01-01T00:00:00.000Z"


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", BATCH)
    statement = batch_of(attempts, attempts.c.window_ends_at < bindparam("now"))
    monkeypatch.setattr(rate_limit_queries, "PRUNE", statement)


def add_attempts(settings: Settings, count: int, ends_at: str) -> None:
    rows = [{"key": f"{ends_at} {number}", "count": 1, "window_ends_at": ends_at} for number in range(count)]
    insert_rows(settings, attempts, rows)


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
def test_r8_what_has_expired_goes_however_much_it_is(
    settings: Settings, statements: list[Compiled], count: int
) -> None:
    add_attempts(settings, count, LONG_AGO)
    add_attempts(settings, 2, FAR_AWAY)
    statements.clear()

    ops_pruning.prune()

    batches = [statement for statement in statements if "DELETE FROM attempts" in statement.sql]
    assert len(batches) == count // BATCH + 1
    assert count_rows(attempts) == 2


def end_tokens(settings: Settings, people: Sequence[Person], count: int) -> None:
    """Access tokens of all of them in turn, which expired in the same moment."""
    rows = [{"user_id": people[n % len(people)].id, "id": new_id(), "expires_at": LONG_AGO} for n in range(count)]
    insert_rows(settings, blacklisted_tokens, rows)


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
def test_r8_of_everybodys_no_more_than_a_batch_goes_at_a_time(
    settings: Settings, ada: Person, ben: Person, statements: list[Compiled], count: int
) -> None:
    end_tokens(settings, [ada, ben], count)
    insert_rows(settings, blacklisted_tokens, [{"user_id": ada.id, "id": new_id(), "expires_at": FAR_AWAY}])
    statements.clear()

    ops_pruning.prune()

    batches = [statement for statement in statements if "DELETE FROM blacklisted_tokens" in statement.sql]
    assert len(batches) == ceil(count / BATCH)
    assert count_rows(blacklisted_tokens) == 1


def test_what_is_renewed_while_it_is_pruned_stays(app: ApiApp, ada: Person) -> None:
    session = new_id()
    lifecycle_queries.add_session(ada.id, session, LONG_AGO, LONG_AGO)
    renew = partial(lifecycle_queries.touch_session, ada.id, session, LONG_AGO, FAR_AWAY)

    with just_before(app, "DELETE FROM sessions", renew):
        prune()

    assert count_rows(sessions) == 2


@pytest.mark.threat(row=53)
@pytest.mark.usefixtures("app")
def test_r8_what_cannot_be_removed_does_not_stop_the_rest(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise Unavailable

    failing = Statement(text("SELECT 1"))
    monkeypatch.setattr(failing, "compiled", lambda _: fail())
    monkeypatch.setattr(lifecycle_queries, "PRUNE", [failing, *lifecycle_queries.PRUNE])
    add_attempts(settings, BATCH, LONG_AGO)

    with pytest.raises(Unavailable):
        ops_pruning.prune()

    assert count_rows(attempts) == 0

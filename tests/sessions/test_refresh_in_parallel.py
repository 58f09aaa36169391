"""Refresh token race: two tabs, or twenty, that refresh at the same moment."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import refresh_tokens, sessions
from tests.authentication import bearer, is_signed_in, log_in, refresh
from tests.concurrency import together
from tests.people import Person
from tests.responses import json_of
from tests.rows import count_rows

ROUNDS = 20
TABS = 50


def refresh_again(client: FlaskClient, token: str) -> TestResponse:
    """As tabs do when they are told to come again, on a machine that is too busy for all of them."""
    while (answer := refresh(client, token)).status_code == 503:
        assert answer.headers["Retry-After"]
    return answer


@pytest.mark.threat(row=7)
def test_fifty_parallel_refreshes_give_one_successor_and_sign_nobody_out(
    app: ApiApp, client: FlaskClient, ada: Person, other_worker: ApiApp
) -> None:
    session = log_in(client, ada)
    workers = [app, other_worker]

    for _ in range(ROUNDS):
        old = session["refreshToken"]
        answers = together(TABS, lambda number, old=old: refresh_again(workers[number % 2].test_client(), old))  # type: ignore[misc]
        assert {answer.status_code for answer in answers} == {200}
        assert len({json_of(answer)["refreshToken"] for answer in answers}) == 1
        assert len({json_of(answer)["accessToken"] for answer in answers}) == TABS
        assert all(is_signed_in(client, json_of(answer)) for answer in answers[:5])
        session = json_of(answers[0])

    assert count_rows(refresh_tokens) == ROUNDS + 1


def test_ada_logs_out_while_her_tabs_refresh(app: ApiApp, client: FlaskClient, ada: Person) -> None:
    for _ in range(5):
        session = log_in(client, ada)

        def act(number: int, session: dict[str, str] = session) -> int:
            if number == 0:
                return app.test_client().post("/v1/auth/logout", headers=bearer(session)).status_code
            return refresh(app.test_client(), session["refreshToken"]).status_code

        statuses = together(6, act)

        assert statuses[0] == 204
        assert set(statuses[1:]) <= {200, 401}
        assert not is_signed_in(client, session)

    assert count_rows(sessions) == 1
    assert count_rows(refresh_tokens) == 0

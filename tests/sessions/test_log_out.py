"""POST /v1/auth/logout."""

from datetime import UTC, datetime

from flask.testing import FlaskClient

from bucketlist.kit.clock import to_text
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import blacklisted_tokens, refresh_tokens, sessions
from tests.auth.steps import all_rows, bearer, code_of, count_rows, is_signed_in, log_in, refresh
from tests.concurrency import together
from tests.people import Person


def test_ada_logs_out_and_her_tokens_are_worthless(client: FlaskClient, ada: Person) -> None:
    session = log_in(client, ada)

    response = client.post("/v1/auth/logout", headers=bearer(session))

    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert not is_signed_in(client, session)
    assert code_of(refresh(client, session["refreshToken"])) == (401, "unauthorized")


def test_ada_logs_out_of_one_session_only(client: FlaskClient, ada: Person, ben: Person) -> None:
    session, other = log_in(client, ada), log_in(client, ada)

    client.post("/v1/auth/logout", headers=bearer(session))

    assert is_signed_in(client, other)
    assert refresh(client, other["refreshToken"]).status_code == 200
    assert is_signed_in(client, ben.access_token)


def test_all_access_tokens_of_the_session_are_worthless(client: FlaskClient, ada: Person) -> None:
    first = log_in(client, ada)
    second = refresh(client, first["refreshToken"]).get_json()

    client.post("/v1/auth/logout", headers=bearer(second))

    assert not is_signed_in(client, first)
    assert not is_signed_in(client, second)
    assert count_rows(refresh_tokens) == 0


def test_logging_out_puts_the_token_on_the_blacklist_until_it_expires(ada: Person) -> None:
    ada.post("/v1/auth/logout")

    expires_at = to_text(datetime.fromtimestamp(ada.actor.expires_at, UTC))
    assert [list(row) for table, row in all_rows() if table is blacklisted_tokens] == [
        [ada.id, ada.actor.token_id, expires_at]
    ]


def test_ada_cannot_log_out_twice(ada: Person) -> None:
    ada.post("/v1/auth/logout")

    assert code_of(ada.post("/v1/auth/logout")) == (401, "unauthorized")
    assert count_rows(blacklisted_tokens) == 1


def test_nobody_can_log_out_without_a_token(client: FlaskClient) -> None:
    assert code_of(client.post("/v1/auth/logout")) == (401, "unauthorized")


def test_of_ten_parallel_log_outs_one_does_it(app: ApiApp, ada: Person) -> None:
    headers = bearer(ada.access_token)

    statuses = together(10, lambda _: app.test_client().post("/v1/auth/logout", headers=headers).status_code)

    assert sorted(statuses) == [204] + [401] * 9
    assert count_rows(sessions) == 0

"""Sessions: where somebody is signed in, ending one or all others, logging out."""

from datetime import UTC, datetime, timedelta

import time_machine
from flask.testing import FlaskClient

from bucketlist.kit import clock
from bucketlist.kit.clock import to_text
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import blacklisted_tokens, refresh_tokens, sessions
from tests.authentication import bearer, is_signed_in, log_in, refresh
from tests.concurrency import together
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import code_of, json_of
from tests.rows import all_rows, count_rows


def test_ada_sees_where_she_is_signed_in_newest_first(ada: Person) -> None:
    log_in(ada.client, ada)

    sessions = json_of(ada.get("/v1/auth/sessions"))["sessions"]

    assert [session["current"] for session in sessions] == [False, True]
    assert sessions[1]["id"] == ada.actor.session_id
    assert set(sessions[0]) == {"id", "createdAt", "lastUsedAt", "expiresAt", "current"}


def test_a_refresh_moves_when_a_session_was_last_used(ada: Person) -> None:
    pair = log_in(ada.client, ada)
    before = json_of(ada.get("/v1/auth/sessions"))["sessions"][0]

    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        ada.client.post("/v1/auth/refresh", json={"refreshToken": pair["refreshToken"]})

    after = json_of(ada.get("/v1/auth/sessions"))["sessions"][0]
    assert after["id"] == before["id"]
    assert after["lastUsedAt"] > before["lastUsedAt"]


@on_both_paths
def test_ada_walks_through_her_sessions_page_by_page(ada: Person) -> None:
    for _ in range(4):
        log_in(ada.client, ada)
    whole = json_of(ada.get("/v1/auth/sessions"))["sessions"]

    walked, path = [], "/v1/auth/sessions?limit=2"
    while path:
        page = json_of(ada.get(path))
        walked += page["sessions"]
        path = page["next"]

    assert walked == whole
    assert len(walked) == 5


def test_ada_does_not_see_where_cleo_is_signed_in(ada: Person, cleo: Person) -> None:
    sessions = json_of(ada.get("/v1/auth/sessions"))["sessions"]

    assert cleo.actor.session_id not in [session["id"] for session in sessions]


def test_a_cursor_of_sessions_fits_no_list_of_tokens(ada: Person) -> None:
    log_in(ada.client, ada)
    cursor = json_of(ada.get("/v1/auth/sessions?limit=1"))["next"].partition("cursor=")[2]

    response = ada.get(f"/v1/auth/tokens?cursor={cursor}")

    assert response.status_code == 422


def test_ada_ends_one_session_and_keeps_the_others(ada: Person) -> None:
    elsewhere, third = (bearer(log_in(ada.client, ada)) for _ in range(2))
    doomed = json_of(ada.client.get("/v1/auth/sessions", headers=elsewhere))["sessions"][1]

    response = ada.delete(f"/v1/auth/sessions/{doomed['id']}")

    assert doomed["current"] is True
    assert response.status_code == 204
    assert ada.client.get("/v1/users/me", headers=elsewhere).status_code == 401
    assert ada.client.get("/v1/users/me", headers=third).status_code == 200
    assert ada.get("/v1/users/me").status_code == 200


def test_a_session_that_was_ended_cannot_be_refreshed(ada: Person) -> None:
    pair = log_in(ada.client, ada)
    session = json_of(ada.get("/v1/auth/sessions"))["sessions"][0]

    ada.delete(f"/v1/auth/sessions/{session['id']}")

    response = ada.client.post("/v1/auth/refresh", json={"refreshToken": pair["refreshToken"]})
    assert response.status_code == 401


def test_ada_ends_all_other_sessions_and_stays(ada: Person, cleo: Person) -> None:
    elsewhere = bearer(log_in(ada.client, ada))

    response = ada.delete("/v1/auth/sessions")

    assert response.status_code == 204
    assert ada.client.get("/v1/users/me", headers=elsewhere).status_code == 401
    assert len(json_of(ada.get("/v1/auth/sessions"))["sessions"]) == 1
    assert cleo.get("/v1/users/me").status_code == 200


def test_a_personal_token_is_no_session(ada: Person) -> None:
    token = ada.make_token()

    response = ada.delete(f"/v1/auth/sessions/{token['id']}")

    assert response.status_code == 404
    assert token["id"] not in [session["id"] for session in json_of(ada.get("/v1/auth/sessions"))["sessions"]]


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


def test_of_ten_parallel_log_outs_one_does_it(app: ApiApp, ada: Person) -> None:
    headers = bearer(ada.access_token)

    statuses = together(10, lambda _: app.test_client().post("/v1/auth/logout", headers=headers).status_code)

    assert sorted(statuses) == [204] + [401] * 9
    assert count_rows(sessions) == 0

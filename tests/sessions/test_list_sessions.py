"""Sessions: where somebody is signed in."""

from tests.conftest import on_both_paths
from tests.people import PASSWORD, Person
from tests.responses import json_of


def log_in(person: Person) -> dict[str, str]:
    """Another session of the same person: the header of its requests."""
    pair = json_of(person.client.post("/v1/auth/login", json={"email": person.email, "password": person.password}))
    return {"Authorization": f"Bearer {pair['accessToken']}"}


def test_ada_sees_where_she_is_signed_in_newest_first(ada: Person) -> None:
    log_in(ada)

    sessions = json_of(ada.get("/v1/auth/sessions"))["sessions"]

    assert [session["current"] for session in sessions] == [False, True]
    assert sessions[1]["id"] == ada.actor.session_id
    assert set(sessions[0]) == {"id", "createdAt", "lastUsedAt", "expiresAt", "current"}


def test_a_refresh_moves_when_a_session_was_last_used(ada: Person) -> None:
    pair = json_of(ada.client.post("/v1/auth/login", json={"email": ada.email, "password": ada.password}))
    before = json_of(ada.get("/v1/auth/sessions"))["sessions"][0]

    ada.client.post("/v1/auth/refresh", json={"refreshToken": pair["refreshToken"]})

    after = json_of(ada.get("/v1/auth/sessions"))["sessions"][0]
    assert after["id"] == before["id"]
    assert after["lastUsedAt"] > before["lastUsedAt"]


@on_both_paths
def test_ada_walks_through_her_sessions_page_by_page(ada: Person) -> None:
    for _ in range(4):
        log_in(ada)
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
    log_in(ada)
    cursor = json_of(ada.get("/v1/auth/sessions?limit=1"))["next"].partition("cursor=")[2]

    response = ada.get(f"/v1/auth/tokens?cursor={cursor}")

    assert response.status_code == 422


def test_ada_ends_one_session_and_keeps_the_others(ada: Person) -> None:
    elsewhere, third = log_in(ada), log_in(ada)
    doomed = json_of(ada.client.get("/v1/auth/sessions", headers=elsewhere))["sessions"][1]

    response = ada.delete(f"/v1/auth/sessions/{doomed['id']}")

    assert doomed["current"] is True
    assert response.status_code == 204
    assert ada.client.get("/v1/users/me", headers=elsewhere).status_code == 401
    assert ada.client.get("/v1/users/me", headers=third).status_code == 200
    assert ada.get("/v1/users/me").status_code == 200


def test_a_session_that_was_ended_cannot_be_refreshed(ada: Person) -> None:
    pair = json_of(ada.client.post("/v1/auth/login", json={"email": ada.email, "password": ada.password}))
    session = json_of(ada.get("/v1/auth/sessions"))["sessions"][0]

    ada.delete(f"/v1/auth/sessions/{session['id']}")

    response = ada.client.post("/v1/auth/refresh", json={"refreshToken": pair["refreshToken"]})
    assert response.status_code == 401


def test_ada_ends_all_other_sessions_and_stays(ada: Person, cleo: Person) -> None:
    elsewhere = log_in(ada)

    response = ada.delete("/v1/auth/sessions")

    assert response.status_code == 204
    assert ada.client.get("/v1/users/me", headers=elsewhere).status_code == 401
    assert len(json_of(ada.get("/v1/auth/sessions"))["sessions"]) == 1
    assert cleo.get("/v1/users/me").status_code == 200


def test_cleo_cannot_end_adas_session(ada: Person, cleo: Person) -> None:
    response = cleo.delete(f"/v1/auth/sessions/{ada.actor.session_id}")

    assert response.status_code == 404
    assert ada.get("/v1/users/me").status_code == 200


def test_a_personal_token_is_no_session(ada: Person) -> None:
    token = json_of(ada.post("/v1/auth/tokens", {"name": "Script", "scope": "read", "currentPassword": PASSWORD}))

    response = ada.delete(f"/v1/auth/sessions/{token['id']}")

    assert response.status_code == 404
    assert token["id"] not in [session["id"] for session in json_of(ada.get("/v1/auth/sessions"))["sessions"]]

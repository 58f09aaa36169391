"""Password change, PUT /v1/auth/password."""

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import refresh_tokens, sessions
from tests.authentication import bearer, is_signed_in, log_in, refresh
from tests.concurrency import just_before, together
from tests.people import PASSWORD, Person, make_person
from tests.responses import code_of, errors_of
from tests.rows import count_rows

NEW = "a much better horse battery"
CHANGE = {"currentPassword": PASSWORD, "newPassword": NEW}


def can_log_in(client: FlaskClient, person: Person, password: str) -> bool:
    body = {"email": person.email, "password": password}
    return client.post("/v1/auth/login", json=body).status_code == 200


def test_ada_changes_her_password(client: FlaskClient, ada: Person) -> None:
    response = ada.put("/v1/auth/password", CHANGE)

    assert (response.status_code, response.data) == (204, b"")
    assert can_log_in(client, ada, NEW)
    assert not can_log_in(client, ada, PASSWORD)


def test_every_other_session_of_ada_ends(client: FlaskClient, ada: Person, ben: Person) -> None:
    here, there = log_in(client, ada), log_in(client, ada)

    client.put("/v1/auth/password", json=CHANGE, headers=bearer(here))

    assert is_signed_in(client, here)
    assert refresh(client, here["refreshToken"]).status_code == 200
    assert not is_signed_in(client, there)
    assert refresh(client, there["refreshToken"]).status_code == 401
    assert not is_signed_in(client, ada.access_token)
    assert is_signed_in(client, ben.access_token)
    assert count_rows(refresh_tokens) == 2


@pytest.mark.parametrize("password", ["wrong horse", "", NEW, PASSWORD.title()])
def test_ada_must_know_her_password_to_change_it(client: FlaskClient, ada: Person, password: str) -> None:
    response = ada.put("/v1/auth/password", CHANGE | {"currentPassword": password})

    assert code_of(response) == (403, "wrong_password")
    assert "WWW-Authenticate" not in response.headers
    assert can_log_in(client, ada, PASSWORD)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CHANGE | {"newPassword": "short"}, [("/newPassword", "password_length")]),
        (CHANGE | {"newPassword": "Password123"}, [("/newPassword", "password_well_known")]),
        (CHANGE | {"newPassword": "ADA@example.com"}, [("/newPassword", "password_is_email")]),
    ],
)
def test_a_new_password_that_does_not_fit_is_refused(
    client: FlaskClient, ada: Person, body: object, expected: list[tuple[str, str]]
) -> None:
    assert errors_of(ada.put("/v1/auth/password", body)) == expected
    assert can_log_in(client, ada, PASSWORD)


def test_of_two_who_change_the_password_at_once_one_stays(app: ApiApp, client: FlaskClient, ada: Person) -> None:
    tokens = [log_in(client, ada)["accessToken"] for _ in range(4)]

    def change(number: int) -> int:
        body = CHANGE | {"newPassword": f"a better horse {number}"}
        return app.test_client().put("/v1/auth/password", json=body, headers=bearer(tokens[number])).status_code

    statuses = together(4, change)

    assert set(statuses) <= {204, 401, 403}
    assert statuses.count(204) == 1
    assert [is_signed_in(client, token) for token in tokens] == [status == 204 for status in statuses]


def test_a_login_with_the_old_password_that_was_slower_than_its_change_is_refused(limited_app: ApiApp) -> None:
    ada = make_person(limited_app, "ada@example.com")
    client, done = limited_app.test_client(), list[int]()

    def change_first() -> None:
        done.append(ada.put("/v1/auth/password", CHANGE).status_code)

    with just_before(limited_app, "UPDATE attempts", change_first):  # it was right; there is no session yet
        response = client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD})

    assert done == [204]
    assert code_of(response) == (401, "wrong_credentials")
    assert count_rows(sessions) == 1

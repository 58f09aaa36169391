"""GET and PATCH /v1/users/me."""

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import email_addresses
from tests.authentication import bearer, log_in, sign_up
from tests.concurrency import just_before, together
from tests.people import PASSWORD, Person, make_person
from tests.responses import code_of, errors_of, json_of
from tests.rows import all_rows

pytestmark = pytest.mark.usefixtures("clock")

ME = "/v1/users/me"
STORAGE = {"storageBytes": 0, "storageQuotaBytes": 2048 * 1024 * 1024}


def test_ada_reads_her_account(ada: Person) -> None:
    response = ada.get(ME)

    assert response.status_code == 200
    assert list(json_of(response)) == ["id", "email", "name", "createdAt", "modifiedAt", *STORAGE]
    assert json_of(response) == {
        "id": ada.id,
        "email": "ada@example.com",
        "name": "Ada",
        "createdAt": "2026-11-24T12:00:00.000Z",
        "modifiedAt": "2026-11-24T12:00:00.000Z",
        **STORAGE,
    }


def test_ada_reads_nothing_that_she_has_already(ada: Person) -> None:
    etag = ada.get(ME).headers["ETag"]

    again = ada.get(ME, If_None_Match=etag)

    assert etag.startswith('"')
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_ada_changes_her_name(ada: Person, clock: time_machine.Traveller) -> None:
    before = ada.get(ME)
    clock.shift(1)

    response = ada.patch(ME, {"name": " Ada Lovelace "})

    assert response.status_code == 200
    assert json_of(response) == json_of(before) | {"name": "Ada Lovelace", "modifiedAt": "2026-11-24T12:00:01.000Z"}
    assert response.headers["ETag"] != before.headers["ETag"]
    assert ada.get(ME).data == response.data


@pytest.mark.parametrize("name", [None, "", " "])
def test_ada_takes_her_name_away(ada: Person, name: str | None) -> None:
    assert json_of(ada.patch(ME, {"name": name}))["name"] is None


@pytest.mark.parametrize(
    "body", [{}, {"name": "Ada"}, {"name": "  Ada "}, {"email": "ada@example.com", "currentPassword": PASSWORD}]
)
def test_nothing_moves_when_nothing_changes(ada: Person, clock: time_machine.Traveller, body: dict[str, str]) -> None:
    before = ada.get(ME)
    clock.shift(1)

    response = ada.patch(ME, body)

    assert response.status_code == 200
    assert (response.data, response.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_ada_changes_her_email(client: FlaskClient, ada: Person) -> None:
    response = ada.patch(ME, {"email": "Ada@Example.org", "currentPassword": PASSWORD})

    assert json_of(response)["email"] == "Ada@Example.org"
    assert log_in(client, "ada@example.org")["user"]["id"] == ada.id
    assert client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD}).status_code == 401


def test_the_email_that_ada_gave_up_is_free(client: FlaskClient, ada: Person) -> None:
    ada.patch(ME, {"email": "ada@example.org", "currentPassword": PASSWORD})

    assert sign_up(client, "ada@example.com")["user"]["id"] != ada.id


def test_ada_changes_the_case_of_her_email(client: FlaskClient, ada: Person) -> None:
    response = ada.patch(ME, {"email": "ADA@example.com", "currentPassword": PASSWORD})

    assert json_of(response)["email"] == "ADA@example.com"
    assert log_in(client, "ada@example.com")["user"]["email"] == "ADA@example.com"
    assert len([row for table, row in all_rows() if table is email_addresses]) == 1


@pytest.mark.parametrize("email", ["ben@example.com", "BEN@Example.com"])
def test_ada_cannot_take_the_email_of_ben(client: FlaskClient, ada: Person, ben: Person, email: str) -> None:
    before = ada.get(ME)

    response = ada.patch(ME, {"email": email, "name": "Ben", "currentPassword": PASSWORD})

    assert code_of(response) == (409, "email_taken")
    assert ada.get(ME).data == before.data
    assert log_in(client, "ben@example.com")["user"]["id"] == ben.id


@pytest.mark.parametrize("body", [{"email": "a@example.org"}, {"name": "A"}, {}])
def test_ada_must_know_her_password_when_she_sends_one(ada: Person, body: dict[str, str]) -> None:
    before = ada.get(ME)

    response = ada.patch(ME, body | {"currentPassword": "wrong horse"})

    assert code_of(response) == (403, "wrong_password")
    assert ada.get(ME).data == before.data


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "ada@example.org"}, [("", "password_missing")]),
        ({"email": PASSWORD, "currentPassword": PASSWORD}, [("/email", "email")]),
        ({"email": "pw@example.org", "currentPassword": "PW@example.org"}, [("", "password_is_email")]),
    ],
)
def test_a_change_that_does_not_fit_is_refused(
    ada: Person, body: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert errors_of(ada.patch(ME, body)) == expected


def test_ada_changes_only_what_she_has_seen(ada: Person) -> None:
    old = ada.get(ME).headers["ETag"]
    new = ada.patch(ME, {"name": "A"}, If_Match=old).headers["ETag"]

    refused = ada.patch(ME, {"name": "B"}, If_Match=old)

    assert code_of(refused) == (412, "precondition_failed")
    assert json_of(ada.patch(ME, {"name": "C"}, If_Match=new))["name"] == "C"
    assert ada.patch(ME, {"name": "D"}, If_Match="*").status_code == 200


def test_ten_parallel_changes_without_if_match_all_take_place(app: ApiApp, ada: Person) -> None:
    statuses = together(10, lambda number: make_client(app, ada).patch(ME, {"name": f"Ada {number}"}).status_code)

    assert set(statuses) == {200}
    assert ada.get(ME).headers["ETag"].startswith('"11-')


def test_of_twenty_parallel_changes_of_one_version_one_takes_place(app: ApiApp, ada: Person) -> None:
    etag = ada.get(ME).headers["ETag"]

    statuses = together(
        20, lambda number: make_client(app, ada).patch(ME, {"name": f"Ada {number}"}, If_Match=etag).status_code
    )

    assert sorted(statuses) == [200] + [412] * 19


def test_of_ten_who_want_the_same_new_email_one_gets_it(app: ApiApp) -> None:
    people = [make_person(app, f"{number}@example.com") for number in range(10)]
    body = {"email": "wanted@example.org", "currentPassword": PASSWORD}

    statuses = together(10, lambda number: make_client(app, people[number]).patch(ME, body).status_code)

    assert sorted(statuses) == [200] + [409] * 9


def test_who_loses_the_session_meanwhile_cannot_take_the_email_away(limited_app: ApiApp) -> None:
    thief = make_person(limited_app, "ada@example.com")
    owner = log_in(limited_app.test_client(), thief)
    body, done = {"currentPassword": PASSWORD, "newPassword": "a better horse"}, list[int]()

    def change_the_password() -> None:
        client = limited_app.test_client()
        done.append(client.put("/v1/auth/password", json=body, headers=bearer(owner)).status_code)

    with just_before(limited_app, "UPDATE attempts", change_the_password):  # the thief has proved to know the old one
        response = thief.patch(ME, {"email": "thief@example.org", "currentPassword": PASSWORD})

    assert done == [204]
    assert code_of(response) == (401, "unauthorized")


def make_client(app: ApiApp, person: Person) -> Person:
    """The same person at another screen."""
    return Person(app.test_client(), person.email, person.password, person.actor, person.access_token)

"""DELETE /v1/users/me: nothing stays behind, and nobody else loses anything."""

import pytest
from flask.testing import FlaskClient

from bucketlist.auth.tokens import hash_token
from bucketlist.kit.db.driver import Row
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import metadata, refresh_tokens, sessions
from tests.authentication import bearer, is_signed_in, log_in, refresh, sign_up
from tests.concurrency import together
from tests.people import PASSWORD, Person, make_person
from tests.pictures import add_photo
from tests.responses import code_of
from tests.rows import all_rows, count_rows

ME = "/v1/users/me"


def live_a_little(client: FlaskClient, person: Person) -> dict[str, str]:
    """Leaves a row of theirs in every table; gives a session of theirs that is used for it."""
    session = log_in(client, person)
    session["refreshToken"] = refresh(client, session["refreshToken"]).get_json()["refreshToken"]
    client.post("/v1/auth/logout", headers=bearer(log_in(client, person)))
    bucket = person.make_bucket(f"Bucket of {person.email}")
    story = {"title": "The night of it"}
    item = person.make_item(bucket["id"], f"Item of {person.email}", tags=["winter"], entry=story)
    add_photo(person.actor, item["id"])
    person.delete(f"/v1/buckets/{person.make_bucket(f'Bucket of {person.email}, gone')['id']}")
    client.post("/v1/auth/password/forgot", json={"email": person.email})
    person.post("/v1/buckets", {"name": "Once"}, Idempotency_Key=f"key-of-{person.email}")
    return session


def rows_of(*words: str) -> list[tuple[str, Row]]:
    """Every row of every table that holds one of the words."""
    return [(table.name, row) for table, row in all_rows() if any(word in str(row) for word in words)]


def test_ada_deletes_her_account(client: FlaskClient, ada: Person) -> None:
    response = ada.delete(ME, {"password": PASSWORD})

    assert (response.status_code, response.data) == (204, b"")
    assert not is_signed_in(client, ada.access_token)
    assert client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD}).status_code == 401


def test_no_row_of_ada_stays_behind_in_any_table(limited_app: ApiApp, limited_client: FlaskClient) -> None:
    ada = make_person(limited_app, "ada@example.com", "Ada")
    session = live_a_little(limited_client, ada)
    ada.put("/v1/auth/password", {"currentPassword": "wrong horse", "newPassword": "x" * 8 + "yz"})
    traces = (ada.id, ada.email, ada.actor.session_id, hash_token(session["refreshToken"]), "Bucket of", "Item of")
    tables = {name for name, _ in rows_of(*traces)}
    assert tables == {table.name for table in metadata.sorted_tables} - {"attempts", "invitations", "tombstones"}

    ada.delete(ME, {"password": PASSWORD})

    assert rows_of(*traces) == []
    kept = [table.name for table, _ in all_rows()]
    assert set(kept) == {"attempts"}
    assert not [row for _, row in all_rows() if ":account:" in str(row)]


def test_all_that_others_have_stays(client: FlaskClient, ada: Person, ben: Person) -> None:
    live_a_little(client, ada)
    session = live_a_little(client, ben)
    before = sorted(map(str, rows_of(ben.id, ben.email)))

    ada.delete(ME, {"password": PASSWORD})

    assert sorted(map(str, rows_of(ben.id, ben.email))) == before
    assert len(list(all_rows())) == len(before)
    assert is_signed_in(client, session)


def test_the_email_of_a_deleted_account_is_free(client: FlaskClient, ada: Person) -> None:
    ada.delete(ME, {"password": PASSWORD})

    assert sign_up(client, ada.email)["user"]["id"] != ada.id


@pytest.mark.parametrize("password", ["wrong horse", "", PASSWORD + " "])
def test_ada_must_know_her_password_to_leave(ada: Person, password: str) -> None:
    assert code_of(ada.delete(ME, {"password": password})) == (403, "wrong_password")
    assert ada.get(ME).status_code == 200


def test_ada_deletes_only_the_account_that_she_has_seen(ada: Person) -> None:
    seen = ada.get(ME).headers["ETag"]
    changed = ada.patch(ME, {"name": "A"}).headers["ETag"]

    assert code_of(ada.delete(ME, {"password": PASSWORD}, If_Match=seen)) == (412, "precondition_failed")
    assert ada.delete(ME, {"password": PASSWORD}, If_Match=changed).status_code == 204


def test_ada_leaves_while_her_tabs_refresh_and_log_in(app: ApiApp, client: FlaskClient, ada: Person) -> None:
    session = log_in(client, ada)

    def act(number: int) -> int:
        tab = app.test_client()
        if number == 0:
            return tab.delete(ME, json={"password": PASSWORD}, headers=bearer(session)).status_code
        if number % 2:
            return refresh(tab, session["refreshToken"]).status_code
        return tab.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD}).status_code

    statuses = together(8, act)

    assert statuses[0] == 204
    assert set(statuses[1:]) <= {200, 401}
    assert count_rows(sessions) == count_rows(refresh_tokens) == 0

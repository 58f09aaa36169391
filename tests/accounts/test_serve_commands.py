"""What commands ask of the service of accounts, and what it says when somebody else is faster."""

import pytest
from flask.testing import FlaskClient

from bucketlist.accounts import login, recovery, service
from bucketlist.accounts.schemas import RegisterIn
from bucketlist.auth.errors import EmailTaken, WrongPassword
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.errors import Invalid, NotFound
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import sessions, users
from tests.authentication import log_in, refresh, sign_up
from tests.concurrency import just_before
from tests.people import PASSWORD, Person
from tests.responses import code_of
from tests.rows import all_rows, count_rows

DORA = RegisterIn.model_validate({"email": "dora@example.com", "password": PASSWORD, "name": "Dora"})


def test_the_operator_makes_an_account(client: FlaskClient) -> None:
    user = service.add_user(DORA)

    assert count_rows(sessions) == 0
    assert log_in(client, "dora@example.com")["user"]["id"] == user.id


def test_the_operator_cannot_make_an_account_twice(app: ApiApp) -> None:
    service.add_user(DORA)

    with pytest.raises(EmailTaken):
        service.add_user(DORA)


def test_the_operator_cannot_make_an_email_the_password(ada: Person) -> None:
    with pytest.raises(Invalid):
        recovery.set_password(service.get_user_by_email(ada.email), "Ada@Example.com", staying_session=None)


def test_a_password_that_has_changed_meanwhile_is_not_changed_again(ada: Person) -> None:
    seen = service.get_user_by_email(ada.email)
    recovery.set_password(seen, "a better horse", staying_session=None)

    with pytest.raises(WrongPassword):
        recovery.set_password(seen, "the horse of a thief", staying_session=None)


def test_the_operator_removes_an_account(app: ApiApp, ada: Person) -> None:
    service.remove_user(service.get_user_by_email(ada.email))

    assert list(all_rows()) == []
    with pytest.raises(NotFound):
        service.get_user_by_email(ada.email)


def test_nothing_is_done_for_somebody_who_is_not_there(app: ApiApp) -> None:
    with pytest.raises(NotFound):
        login.open_session_of("nobody@example.com")


def test_who_is_not_fast_enough_begins_again(app: ApiApp, ada: Person) -> None:
    faster = Statement(users.update().values(version=users.c.version + 1))

    with just_before(app, "UPDATE users", lambda: execute(faster, {})):
        response = ada.patch("/v1/users/me", {"name": "A"})

    user = service.get_account(ada.actor).user
    assert (response.status_code, user.name, user.version) == (200, "A", 3)


def test_a_session_that_ends_while_it_is_refreshed_is_not_refreshed(app: ApiApp, client: FlaskClient) -> None:
    session = sign_up(client)

    with just_before(app, "UPDATE sessions", lambda: execute(Statement(sessions.delete()), {})):
        response = refresh(client, session["refreshToken"])

    assert code_of(response) == (401, "unauthorized")

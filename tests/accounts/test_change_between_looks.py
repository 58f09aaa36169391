"""Race conditions between two look-ups: whose something is, by a directory, and then the row of that person."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from bucketlist.accounts import service as accounts
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import Statement, execute, transaction
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail import notifications
from bucketlist.mail.notifications import LinkKind
from bucketlist.models import refresh_tokens
from bucketlist.purging import service as purging
from tests.accounts.test_forget_password import forget
from tests.authentication import log_in, refresh
from tests.concurrency import just_before
from tests.outbox import newest_token, waiting_letters
from tests.people import PASSWORD, Person
from tests.responses import code_of

ME = "/v1/users/me"
NEW = "a much better horse battery"
THE_PERSON = "SELECT users.id, users.email"  # how the second look begins

Act = Callable[[Person], object]


def move(ada: Person) -> object:
    return ada.patch(ME, {"email": "ada@example.org", "currentPassword": PASSWORD})


def leave(ada: Person) -> object:
    return ada.delete(ME, {"password": PASSWORD})


def disable(ada: Person) -> object:
    return accounts.disable_user(accounts.get_user_by_email(ada.email))


def follow(client: FlaskClient, kind: LinkKind, token: str) -> TestResponse:
    path = "password/reset" if kind == "reset" else "email/confirm"
    more = {"newPassword": NEW} if kind == "reset" else {"currentPassword": PASSWORD}
    return client.post(f"/v1/auth/{path}", json={"token": token, **more})


@pytest.fixture(params=["at once", "in batches"])
def _purged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an account that goes in batches, an empty row stays until they are done."""
    if request.param == "in batches":
        monkeypatch.setattr(pruning, "BATCH", 1)
        monkeypatch.setattr(purging, "SECONDS", 0.0)


@pytest.mark.usefixtures("_purged")
@pytest.mark.parametrize("act", [move, leave])
def test_nobody_logs_in_by_an_address_that_is_given_up_meanwhile(
    app: ApiApp, client: FlaskClient, ada: Person, act: Act
) -> None:
    with just_before(app, THE_PERSON, lambda: act(ada)):
        response = client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD})

    assert code_of(response) == (401, "wrong_credentials")


@pytest.mark.usefixtures("_purged")
@pytest.mark.parametrize("act", [move, leave])
def test_nobody_is_sent_a_link_for_an_address_that_is_given_up_meanwhile(
    app: ApiApp, client: FlaskClient, ada: Person, act: Act
) -> None:
    with just_before(app, THE_PERSON, lambda: act(ada)):
        assert forget(client, ada.email).status_code == 202

    assert "reset" not in {letter.kind for letter in waiting_letters()}


@pytest.mark.threat(row=16)
def test_a_link_that_is_on_its_way_to_an_address_that_is_given_up_is_worthless(
    app: ApiApp, client: FlaskClient, ada: Person
) -> None:
    """Whoever reads the mail of the address before would get into the account."""
    with just_before(app, "SELECT known_networks", lambda: move(ada)):
        forget(client, ada.email)

    assert code_of(follow(client, "reset", newest_token("reset", ada.email))) == (401, "link_not_good")


@pytest.mark.usefixtures("_purged")
@pytest.mark.parametrize("kind", ["reset", "confirm"])
@pytest.mark.parametrize("act", [move, leave, disable])
def test_a_link_is_worthless_when_its_account_changes_meanwhile(
    app: ApiApp, client: FlaskClient, ada: Person, kind: LinkKind, act: Act
) -> None:
    with transaction():
        notifications.send_link(accounts.get_user_by_email(ada.email), kind)
    token = newest_token(kind, ada.email)

    with just_before(app, THE_PERSON, lambda: act(ada)):
        assert code_of(follow(client, kind, token)) == (401, "link_not_good")


@pytest.mark.usefixtures("_purged")
@pytest.mark.parametrize("act", [leave, disable])
def test_a_refresh_token_is_worthless_when_its_session_ends_meanwhile(
    app: ApiApp, client: FlaskClient, ada: Person, act: Act
) -> None:
    token = log_in(client, ada)["refreshToken"]

    with just_before(app, THE_PERSON, lambda: act(ada)):
        assert code_of(refresh(client, token)) == (401, "unauthorized")


def test_a_refresh_token_that_is_pruned_meanwhile_is_worthless(app: ApiApp, client: FlaskClient, ada: Person) -> None:
    token = log_in(client, ada)["refreshToken"]
    prune = Statement(delete(refresh_tokens))

    with just_before(app, "UPDATE refresh_tokens", lambda: execute(prune, {})):
        assert code_of(refresh(client, token)) == (401, "unauthorized")


@pytest.mark.threat(row=9)
@pytest.mark.parametrize("kind", ["log-in", "refresh", "reset", "confirm"])
def test_what_nobody_has_is_looked_up_by_the_same_statements(
    client: FlaskClient, ada: Person, statements: list[Compiled], kind: str
) -> None:
    seen = []
    for known in (find_known(client, ada, kind), "nobody@example.com"):
        statements.clear()
        if kind == "log-in":
            client.post("/v1/auth/login", json={"email": known, "password": "a wrong horse"})
        elif kind == "refresh":
            refresh(client, known)
        else:
            follow(client, kind, known)  # type: ignore[arg-type]  # it is one
        seen.append([statement.sql for statement in statements][:2])

    assert seen[0] == seen[1]
    assert seen[1][1].startswith(THE_PERSON)


def find_known(client: FlaskClient, ada: Person, kind: str) -> str:
    """What is looked up and found: an address, or a token of that kind."""
    if kind == "log-in":
        return ada.email
    if kind == "refresh":
        return str(log_in(client, ada)["refreshToken"])
    with transaction():
        notifications.send_link(accounts.get_user_by_email(ada.email), kind)  # type: ignore[arg-type]  # it is one
    return newest_token(kind, ada.email)

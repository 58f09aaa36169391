"""F28, /sign-up: where an invitation leads to. It works without a script, and only with an invitation."""

import pytest
from flask.testing import FlaskClient

from bucketlist.accounts import invitations
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import invitations as table
from bucketlist.models import sessions, users
from tests.authentication import log_in
from tests.conftest import on_both_paths
from tests.people import Person
from tests.rows import count_rows
from tests.web.test_fill_forms import NEW, hidden_token, send
from tests.workers import WorkerWith


@on_both_paths
def test_f28_dora_follows_her_invitation_and_is_signed_in(client: FlaskClient) -> None:
    form = client.get(f"/sign-up?token={invitations.invite('dora@example.com', 7)}")

    done = send(client, "/sign-up", token=hidden_token(form), name="Dora", password=NEW)

    assert (form.status_code, done.status_code) == (200, 303)
    assert count_rows(sessions) == 1
    assert log_in(client, "dora@example.com", NEW)["user"]["name"] == "Dora"


@pytest.mark.threat(row=73)
@pytest.mark.parametrize("token", ["", "guess"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}], ids=str
)
def test_f28_a_page_of_others_cannot_make_accounts_where_anybody_may_sign_up(
    client: FlaskClient, token: str, headers: dict[str, str]
) -> None:
    form = {"email": "dora@example.com", "token": token, "password": NEW}

    refused = client.post("/sign-up", data=form, headers=headers)

    assert (refused.status_code, refused.headers.getlist("Set-Cookie")) == (403, [])
    assert count_rows(users) == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email": "dora"}, "This is not a valid email address. It has no @."),
        ({"password": "short"}, "A password has 8 to 256 characters."),
        ({"password": "dora@example.com"}, "The password must not be the email."),
        ({"name": "x" * 201}, "200"),
        ({"email": ""}, "email"),
    ],
)
def test_f28_what_is_wrong_is_told_and_the_invitation_stays_good(
    client: FlaskClient, wrong: dict[str, str], told: str
) -> None:
    token = invitations.invite(None, 7)

    refused = send(client, "/sign-up", **{"token": token, "password": NEW, "name": "Dora", **wrong})

    assert refused.status_code == 422
    assert told in refused.text
    assert "<title>Error: " in refused.text
    assert count_rows(table) == 1
    assert send(client, "/sign-up", token=hidden_token(refused), password=NEW).status_code == 303


def test_f28_what_was_typed_stays_but_for_the_password(client: FlaskClient) -> None:
    refused = send(client, "/sign-up", token="t", email='<b>"@x', name="Dora & Co", password="hunter2")

    assert 'value="&lt;b&gt;&#34;@x"' in refused.text
    assert 'value="Dora &amp; Co"' in refused.text
    assert "hunter2" not in refused.text


def test_f28_an_address_that_has_an_account_is_told_to_who_is_invited(client: FlaskClient, ada: Person) -> None:
    refused = send(client, "/sign-up", token=invitations.invite(None, 7), email=ada.email, password=NEW)

    assert refused.status_code == 409
    assert "There is an account with this email already." in refused.text


@pytest.mark.parametrize("token", ["", "?token=x"])
def test_f28_where_registration_is_closed_there_is_no_form(app: ApiApp, worker_with: WorkerWith, token: str) -> None:
    page = worker_with(registration="closed").test_client().get(f"/sign-up{token}")

    assert "This service takes no new accounts." in page.text
    assert "<form" not in page.text

"""/reset, /confirm and /sign-up: where the links of letters lead to. They work without a script."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.middleware import CONTENT_POLICY
from bucketlist.kit.http.openapi import ApiApp
from tests.accounts.test_reset_password import confirmed_at, link_for
from tests.authentication import log_in, sign_up
from tests.conftest import on_both_paths
from tests.docs.html import read_page
from tests.docs.payloads import HOSTILE, tags_of
from tests.outbox import newest_token
from tests.people import Person
from tests.workers import WorkerWith

NEW = "a much better horse battery"
FORMS = ["/reset", "/confirm", "/sign-up"]


def hidden_token(page: TestResponse) -> str:
    found = re.search(r'name="token" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data=({"email": "dora@example.com"} if path == "/sign-up" else {}) | fields)


@pytest.mark.threat(row=45)
@on_both_paths
def test_ada_follows_the_link_and_sets_a_password(client: FlaskClient, ada: Person) -> None:
    form = client.get(f"/reset?token={link_for(client)}")

    done = send(client, "/reset", token=hidden_token(form), password=NEW)

    assert (form.status_code, done.status_code) == (200, 200)
    assert "Your new password is set" in done.text
    assert NEW not in done.text
    assert log_in(client, ada, NEW)


@on_both_paths
def test_dora_confirms_her_address_with_a_button(client: FlaskClient) -> None:
    sign_up(client)
    form = client.get(f"/confirm?token={newest_token('confirm', 'dora@example.com')}")
    before = confirmed_at("dora@example.com")

    done = send(client, "/confirm", token=hidden_token(form))

    assert (before, done.status_code) == (None, 200)
    assert confirmed_at("dora@example.com") is not None
    assert "Thank you" in done.text


@pytest.mark.parametrize("path", FORMS)
def test_reading_a_form_changes_nothing_and_asks_nothing(
    client: FlaskClient, path: str, statements: list[Compiled]
) -> None:
    statements.clear()

    for method in ("GET", "HEAD"):
        assert client.open(f"{path}?token=x", method=method).status_code == 200

    assert statements == []


@pytest.mark.threat(row=39)
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_form_is_kept_by_nobody_and_runs_no_script(client: FlaskClient, path: str, method: str) -> None:
    response = client.open(f"{path}?token=x", method=method)

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == ("same-origin" if path == "/sign-up" else "no-referrer")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Content-Security-Policy"] == CONTENT_POLICY
    assert "<script" not in response.text
    assert all(link.startswith("/") for link in read_page(response.text).links)
    assert read_page(response.text).headings == [1]


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "A password has 8 to 256 characters."),
        ("short", "A password has 8 to 256 characters."),
        ("password123", "among those that everybody tries first"),
        ("ADA@example.com", "The password must not be the email."),
    ],
)
def test_ada_is_told_beside_the_password_what_is_wrong_and_tries_again(
    client: FlaskClient, ada: Person, password: str, told: str
) -> None:
    token = link_for(client)

    refused = send(client, "/reset", token=token, password=password)

    assert refused.status_code == 422
    assert '<p class="error" id="pw-e">' in refused.text
    assert told in refused.text
    assert "<title>Error: " in refused.text
    assert not password or password not in refused.text.replace(told, "")
    assert send(client, "/reset", token=hidden_token(refused), password=NEW).status_code == 200


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("query", ["", "?token=", "?tokn=x"])
def test_f28_without_a_token_there_is_no_form_and_it_is_told_why(
    app: ApiApp, worker_with: WorkerWith, path: str, query: str
) -> None:
    page = worker_with(registration="invite").test_client().get(path + query)

    assert ("<form" in page.text, 'role="alert"' in page.text) == (False, True)
    assert ("link of an invitation" if path == "/sign-up" else "The link is not whole") in page.text


@on_both_paths
@pytest.mark.parametrize("path", FORMS)
def test_a_link_that_is_not_good_is_told_above_the_form(client: FlaskClient, path: str) -> None:
    response = send(client, path, token="guess", password=NEW)

    assert response.status_code == (403 if path == "/sign-up" else 401)
    assert 'role="alert"' in response.text
    assert "not good" in response.text


@pytest.mark.parametrize("path", FORMS)
def test_a_link_that_is_longer_than_any_is_told_to_be_broken(client: FlaskClient, path: str) -> None:
    response = send(client, path, token="x" * 1025, password=NEW)

    assert response.status_code == 422
    assert "not whole" in response.text


@pytest.mark.threat(row=43)
@pytest.mark.threat(row=43)
@pytest.mark.parametrize("path", FORMS)
def test_a_hostile_token_stays_text(client: FlaskClient, path: str) -> None:
    harmless = tags_of(client.get(path, query_string={"token": "guess"}).text)
    harmless_answer = tags_of(send(client, path, token="guess", password=NEW).text)

    forms = {token: client.get(path, query_string={"token": token}) for token in HOSTILE}
    answers = {token: send(client, path, token=token, password=NEW) for token in HOSTILE[::8]}

    assert len(HOSTILE) >= 400
    assert {token for token, page in forms.items() if tags_of(page.text) != harmless} == set()
    assert {token for token, page in answers.items() if tags_of(page.text) != harmless_answer} == set()


@pytest.mark.parametrize("path", FORMS)
def test_a_large_form_is_refused_before_it_is_read(client: FlaskClient, path: str) -> None:
    response = send(client, path, token="x" * 20_000)

    assert response.status_code == 413


@pytest.mark.parametrize("path", ["/reset", "/confirm"])
def test_without_mail_the_form_says_so(app: ApiApp, worker_with: WorkerWith, path: str) -> None:
    response = send(worker_with(mail_url="").test_client(), path, token="x", password=NEW)

    assert response.status_code == 409
    assert "This service sends no mail." in response.text


def test_who_guesses_links_is_told_how_long_to_wait(limited_client: FlaskClient) -> None:
    responses = [send(limited_client, "/reset", token=f"guess {number}", password=NEW) for number in range(21)]

    assert [response.status_code for response in responses] == [401] * 20 + [429]
    assert "Try again in 60 minutes." in responses[-1].text
    assert int(responses[-1].headers["Retry-After"]) <= 3600


def test_a_password_is_hidden_and_may_be_pasted(client: FlaskClient) -> None:
    page = client.get("/reset?token=x").text
    (field,) = re.findall(r"<input[^>]*name=\"password\"[^>]*>", page)

    assert 'type="password"' in field
    assert 'autocomplete="new-password"' in field
    assert not re.search(r"\bon\w+=|readonly", field)
    assert "<script" not in page

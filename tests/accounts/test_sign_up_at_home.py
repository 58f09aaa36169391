"""F20: email addresses of a home network are taken where there is no mail; else the sentence tells what is not."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from tests.auth.conftest import close
from tests.auth.steps import body_of
from tests.people import PASSWORD

AT_HOME = ["ada@nas.local", "ada@nas", "ada@localhost", "ada@nas.lan", "ada@nas.home.arpa", "ada@nas.internal"]
TOLD = {
    "ada": "It has no @.",
    "ada@nas.local": "What is behind the @ ends in \u201clocal\u201d",
    "ada@nas.home.arpa": "What is behind the @ ends in \u201carpa\u201d",
    "ada@localhost": "What is behind the @ ends in \u201clocalhost\u201d",
    "ada@nas": "What is behind the @ has no dot",
    "ada@192.168.0.7": "What is behind the @ has no dot, or ends in a number",
    "ada b@example.com": "What is before the @ is not",
    "ada@exam ple.com": "What is behind the @ is not",
    "a@" + "\u00fc" * 60 + ".example.com": "What is behind the @ is not",
    "l" * 64 + "@" + ".".join(["\u00fc" + "d" * 38] * 4) + ".example.com": "It is too long",
}


@pytest.fixture
def without_mail(app: ApiApp, settings: Settings) -> Iterator[ApiApp]:
    silent = create_app(settings.model_copy(update={"mail_url": ""}))
    yield silent
    close(silent)


@pytest.mark.parametrize("email", AT_HOME)
def test_f20_ada_signs_up_at_home_where_there_is_no_mail(without_mail: ApiApp, email: str) -> None:
    client = without_mail.test_client()
    signed_up = client.post("/v1/auth/register", json={"email": email, "password": PASSWORD})

    assert signed_up.status_code == 201
    assert client.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("email", TOLD)
def test_f20_ada_is_told_which_part_of_her_email_is_not_taken(client: FlaskClient, email: str) -> None:
    response = client.post("/v1/auth/register", json={"email": email, "password": PASSWORD})

    assert response.status_code == 422
    (error,) = body_of(response)["errors"]
    assert (error["pointer"], error["code"]) == ("/email", "email")
    assert TOLD[email] in error["detail"]

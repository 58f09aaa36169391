"""Which email addresses are taken: valid ones of at most 254 code points, kept as typed; F20: at home also others."""

import pytest
from flask.testing import FlaskClient
from pydantic import ValidationError

from bucketlist.accounts.schemas import RegisterIn
from bucketlist.kit.http.openapi import ApiApp
from tests.people import PASSWORD
from tests.responses import json_of
from tests.workers import WorkerWith


def email_of(email: object) -> str:
    """As it is taken."""
    return RegisterIn.model_validate({"email": email, "password": PASSWORD}).email


@pytest.mark.parametrize(
    "email",
    [
        "dora@example.com",
        "DORA@EXAMPLE.COM",
        "Dora.Maar+lists@mail.example.org",
        "o'neil_x-y=z@example.com",
        "d@example.com",
        "\u0434\u043e\u0440\u0430@example.com",
        "dora@b\u00fccher.example.com",
        "dora@xn--bcher-kva.example.com",
        "1234567890@example.com",
        "a" * 64 + "@example.com",
    ],
)
def test_a_valid_email_is_kept_as_typed(email: str) -> None:
    assert email_of(email) == email


@pytest.mark.parametrize("email", [" dora@example.com", "dora@example.com\u00a0", "\u3000dora@example.com "])
def test_spaces_around_an_email_do_not_count(email: str) -> None:
    assert email_of(email) == "dora@example.com"


def test_an_email_is_kept_in_one_normal_form() -> None:
    assert email_of("jose\u0301@example.com") == "jos\u00e9@example.com"


def test_an_email_of_254_code_points_is_taken_and_of_255_is_not() -> None:
    domain = ".".join(["d" * 61] * 3) + ".com"
    longest = "l" * (254 - 1 - len(domain)) + "@" + domain

    assert len(longest) == 254
    assert email_of(longest) == longest
    with pytest.raises(ValidationError):
        email_of("l" + longest)


@pytest.mark.parametrize(
    "email",
    [
        "",
        " ",
        "dora",
        "@example.com",
        "dora@",
        "dora@example",
        "dora@@example.com",
        "dora@example..com",
        ".dora@example.com",
        "dora.@example.com",
        "do ra@example.com",
        "dora@exam ple.com",
        "dora@-example.com",
        "dora@[127.0.0.1]",
        "Dora <dora@example.com>",
        "dora@example.com,ada@example.com",
        "dora@example.com\nbcc: ada@example.com",
        "dora\u0000@example.com",
        "dora\t@example.com",
        "dora@example.com\r\n",
        "a" * 65 + "@example.com",
        "dora@" + "d" * 64 + ".com",
        "x" * 100_000 + "@example.com",
    ],
)
def test_what_is_no_email_is_refused(email: object) -> None:
    with pytest.raises(ValidationError) as caught:
        email_of(email)

    assert [problem["loc"] for problem in caught.value.errors()] == [("email",)]


AT_HOME = ["ada@nas.local", "ada@nas", "ada@localhost", "ada@nas.lan", "ada@nas.home.arpa", "ada@nas.internal"]
TOLD = {
    "ada": "It has no @.",
    "ada@nas.local": "What is behind the @ ends in \u201clocal\u201d",
    "ada@nas.home.arpa": "What is behind the @ ends in \u201carpa\u201d",
    "ada@localhost": "What is behind the @ ends in \u201clocalhost\u201d",
    "ada@nas": "What is behind the @ has no dot",
    "ada@192.168.0.7": "What is behind the @ has no dot, or ends in a number",
    "ada@example.7": "What is behind the @ has no dot, or ends in a number",
    "ada b@example.com": "What is before the @ is not",
    "ada@exam ple.com": "What is behind the @ is not",
    "a@" + "\u00fc" * 60 + ".example.com": "What is behind the @ is not",
    "l" * 64 + "@" + ".".join(["\u00fc" + "d" * 38] * 4) + ".example.com": "It is too long",
}


@pytest.fixture
def without_mail(app: ApiApp, worker_with: WorkerWith) -> ApiApp:
    return worker_with(mail_url="")


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
    (error,) = json_of(response)["errors"]
    assert (error["pointer"], error["code"]) == ("/email", "email")
    assert TOLD[email] in error["detail"]

"""User administration: people added, helped, removed."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.cli.conftest import Command
from tests.commands import invoke
from tests.mailbox import mail_server
from tests.people import PASSWORD, Person

NEW_PASSWORD = "a long walk by the sea"


def log_in(client: FlaskClient, email: str, password: str) -> int:
    return client.post("/v1/auth/login", json={"email": email, "password": password}).status_code


def test_somebody_who_was_added_can_sign_in(bucketlist: Command, client: FlaskClient) -> None:
    printed = bucketlist("user", "add", "Ada@example.com", "--name", "Ada", "--password", NEW_PASSWORD)

    assert printed == "Ada@example.com can sign in now.\n"
    assert log_in(client, "ada@example.com", NEW_PASSWORD) == 200


def test_the_password_is_asked_for_twice_and_not_shown(bucketlist: Command, client: FlaskClient) -> None:
    printed = bucketlist("user", "add", "ada@example.com", typed=f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n")

    assert NEW_PASSWORD not in printed
    assert log_in(client, "ada@example.com", NEW_PASSWORD) == 200


def test_people_are_added_while_registration_is_closed(bucketlist: Command, client: FlaskClient) -> None:
    bucketlist("user", "add", "ada@example.com", "--password", NEW_PASSWORD, REGISTRATION_OPEN="false")

    assert log_in(client, "ada@example.com", NEW_PASSWORD) == 200


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ADA@example.com", NEW_PASSWORD, "There is an account with this email already."),
        ("nobody", NEW_PASSWORD, "This is not a valid email address. It has no @."),
        ("ben@example.com", "short", "A password has 8 to 256 characters."),
        ("ben@example.com", "password1", "This password is among those that everybody tries first."),
        ("ben@example.com", "BEN@example.com", "The password must not be the email."),
    ],
)
def test_who_cannot_be_added_is_told_why(
    email: str, password: str, sentence: str, refused: Command, ada: Person
) -> None:
    assert refused("user", "add", email, "--password", password) == sentence


def test_all_that_is_wrong_is_told_at_once(refused: Command) -> None:
    told = refused("user", "add", "nobody", "--password", "short")

    assert told == "This is not a valid email address. It has no @. A password has 8 to 256 characters."


def test_a_new_password_works_and_the_old_one_does_not(bucketlist: Command, client: FlaskClient, ada: Person) -> None:
    bucketlist("user", "reset-password", "ADA@example.com", "--password", NEW_PASSWORD)

    assert log_in(client, ada.email, PASSWORD) == 401
    assert log_in(client, ada.email, NEW_PASSWORD) == 200


def test_a_new_password_can_be_typed_in(bucketlist: Command, client: FlaskClient, ada: Person) -> None:
    bucketlist("user", "reset-password", ada.email, typed=f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n")

    assert log_in(client, ada.email, NEW_PASSWORD) == 200


def test_a_new_password_signs_its_owner_out_everywhere(
    bucketlist: Command, client: FlaskClient, ada: Person, ben: Person
) -> None:
    session = client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD}).get_json()

    bucketlist("user", "reset-password", ada.email, "--password", NEW_PASSWORD)

    refresh = client.post("/v1/auth/refresh", json={"refreshToken": session["refreshToken"]})
    assert refresh.status_code == 401
    assert ada.get("/v1/users/me").status_code == 401
    assert ben.get("/v1/users/me").status_code == 200


def test_a_weak_new_password_changes_nothing(refused: Command, client: FlaskClient, ada: Person) -> None:
    told = refused("user", "reset-password", ada.email, "--password", "ada@EXAMPLE.com")
    assert told == "The password must not be the email."

    assert log_in(client, ada.email, PASSWORD) == 200
    assert ada.get("/v1/users/me").status_code == 200


def test_somebody_who_is_deleted_is_gone_with_everything(bucketlist: Command, client: FlaskClient, ada: Person) -> None:
    ada.make_item(ada.make_bucket()["id"])

    bucketlist("user", "delete", "Ada@Example.com", typed="y\n")

    assert ada.get("/v1/users/me").status_code == 401
    assert log_in(client, ada.email, PASSWORD) == 401
    assert "can sign in" in bucketlist("user", "add", ada.email, "--password", PASSWORD)


def test_nobody_is_deleted_by_a_slip(world: dict[str, str], tmp_path: Path, ada: Person) -> None:
    result = invoke(tmp_path, "user", "delete", ada.email, typed="n\n", **world)

    assert result.exit_code == 1
    assert ada.get("/v1/users/me").status_code == 200


@pytest.mark.parametrize("email", ["nobody@example.com", "nobody", "", "nobody\udcff@example.com"])
@pytest.mark.parametrize(
    "command", [("delete", "--yes"), ("disable",), ("enable",), ("reset-password", "--password", NEW_PASSWORD)]
)
def test_an_email_that_nobody_has_is_told(email: str, command: tuple[str, ...], refused: Command) -> None:
    told = refused("user", command[0], email, *command[1:])

    assert told in ("There is no account with this email.", "What was typed is not text in UTF-8.")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
@pytest.mark.parametrize("command", ["add", "reset-password"])
def test_f28_a_password_is_read_from_standard_input(
    bucketlist: Command, client: FlaskClient, ada: Person, command: str, ending: str
) -> None:
    email = ada.email if command == "reset-password" else "dora@example.com"

    printed = bucketlist("user", command, email, "--password-stdin", typed=f" {NEW_PASSWORD} {ending}")

    assert NEW_PASSWORD not in printed
    assert log_in(client, email, f" {NEW_PASSWORD} ") == 200


@pytest.mark.parametrize("typed", ["", "\n", f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n", "x" * 5000])
def test_f28_what_is_no_password_on_standard_input_is_told(refused: Command, typed: str) -> None:
    told = refused("user", "add", "dora@example.com", "--password-stdin", typed=typed)

    assert told == "Standard input has to be one line, the password."


def test_f28_a_password_is_given_in_one_way(world: dict[str, str], tmp_path: Path) -> None:
    both = ("--password", NEW_PASSWORD, "--password-stdin")

    result = invoke(tmp_path, "user", "add", "dora@example.com", *both, typed="another\n", **world)

    assert result.exit_code == 2
    assert "not both" in result.stderr


def test_f28_somebody_is_disabled_and_enabled(bucketlist: Command, client: FlaskClient, ada: Person) -> None:
    told = [bucketlist("user", command, "ADA@example.com") for command in ("disable", "disable", "enable", "enable")]

    assert told == [
        "ADA@example.com is disabled, and signed out everywhere.\n",
        "ADA@example.com was, and stays, disabled, and signed out everywhere.\n",
        "ADA@example.com can log in again.\n",
        "ADA@example.com is not disabled.\n",
    ]
    assert log_in(client, ada.email, PASSWORD) == 200


def test_f28_a_new_password_lets_nobody_in_who_is_disabled(
    world: dict[str, str], tmp_path: Path, client: FlaskClient, ada: Person
) -> None:
    invoke(tmp_path, "user", "disable", ada.email, **world)

    done = invoke(tmp_path, "user", "reset-password", ada.email, "--password", NEW_PASSWORD, **world)

    assert "disabled all the same" in done.stderr
    assert log_in(client, ada.email, NEW_PASSWORD) == 403


@pytest.mark.parametrize("home", ["https://lists.example.com", "https://example.com/bucketlist"])
def test_f28_an_invitation_is_a_link_that_leads_to_an_account(
    bucketlist: Command, client: FlaskClient, home: str
) -> None:
    link = bucketlist("user", "invite", "Dora@example.com", REGISTRATION="invite", PUBLIC_URL=home).strip()

    assert link.startswith(f"{home}/sign-up?token=")
    fields = {"token": link.partition("=")[2], "email": "dora@example.com", "password": NEW_PASSWORD}
    assert client.post("/sign-up", data=fields).status_code == 303
    assert log_in(client, "dora@example.com", NEW_PASSWORD) == 200


def test_f28_an_invitation_is_mailed_where_there_is_mail(bucketlist: Command) -> None:
    mail = {"PUBLIC_URL": "https://lists.example.com"}

    with mail_server() as mailbox:
        link = bucketlist("user", "invite", "dora@example.com", MAIL_URL=mailbox.url, **mail).strip()

    (letter,) = (letter for _, letter in mailbox.received)
    assert link in letter.get_content()


@pytest.mark.parametrize(
    ("arguments", "more", "told"),
    [
        (["ada@example.com"], {}, "There is an account with this email already."),
        (["nobody"], {}, "This is not a valid email address. It has no @."),
        (
            [],
            {"REGISTRATION": "closed"},
            "REGISTRATION is closed, so that nobody could use it; set REGISTRATION=invite.",
        ),
        (["dora@example.com"], {"MAIL_URL": "smtp://127.0.0.1:1"}, "Connection refused."),
    ],
)
@pytest.mark.usefixtures("ada")
def test_f28_an_invitation_that_cannot_be_is_told(
    refused: Command, arguments: list[str], more: dict[str, str], told: str
) -> None:
    assert refused("user", "invite", *arguments, **more).endswith(told)

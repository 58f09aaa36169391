"""F7: email address normalisation: one mailbox is one account, and two are two. R12: a proof is of one mailbox."""

import pytest
from flask.testing import FlaskClient

from bucketlist.accounts import queries
from bucketlist.accounts import service as accounts
from bucketlist.kit.db.database import transaction
from bucketlist.kit.emails import fold_email, is_same_mailbox
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.text import normalise
from bucketlist.mail import notifications
from bucketlist.mail.notifications import LinkKind
from tests.authentication import log_in, sign_up
from tests.outbox import newest_token
from tests.people import PASSWORD, Person, make_person
from tests.responses import code_of, json_of

ALIKE = [
    ("Ada@Example.com", "ada@example.COM"),
    ("jos\u00e9@example.com", "JOSE\u0301@example.com"),
    ("\u0434\u043e\u0440\u0430@example.com", "\u0414\u041e\u0420\u0410@example.com"),
    ("\u039d\u0399\u039a\u039f\u03a3@example.com", "\u03bd\u03b9\u03ba\u03bf\u03c2@example.com"),
    ("STRA\u1e9eE@example.com", "stra\u00dfe@example.com"),
    ("\u00c5sa@example.com", "\u212bSA@example.com"),
    ("dora@b\u00fccher.example.com", "Dora@XN--BCHER-KVA.example.com"),
    ("dora@b\u00fccher.example.com", "dora@B\u00dcCHER.example.com"),
    ("dora@b\u00fccher.example.com", "dora@bu\u0308cher\u3002example.com"),
    ("dora@fa\u00df.example.com", "dora@xn--fa-hia.example.com"),
]
DIFFERENT = [
    ("\uff46\uff4f\uff4f@example.com", "foo@example.com"),
    ("\ufb01ona@example.com", "fiona@example.com"),
    ("\u017fam@example.com", "sam@example.com"),
    ("stra\u00dfe@example.com", "strasse@example.com"),
    ("\u0130lker@example.com", "ilker@example.com"),
    ("\u0131lker@example.com", "ilker@example.com"),
    ("\u0149@example.com", "\u02bcn@example.com"),
    ("x\u00b2@example.com", "x2@example.com"),
    ("\u00b5@example.com", "\u03bc@example.com"),
    ("\uff21@example.com", "a@example.com"),
    ("jose@example.com", "jos\u00e9@example.com"),
    ("dora@fa\u00df.example.com", "dora@fass.example.com"),
]
KEPT = [(normalise(one, 99), normalise(other, 99)) for one, other in ALIKE]  # in the form in which they are kept
RENAMED = [pair for pair in KEPT if not is_same_mailbox(*pair)]
REFUSED = [one for one, _ in DIFFERENT if one[0] in "\uff46\ufb01\u017f\u0149x\u00b5\uff21"]


@pytest.mark.parametrize(("one", "other"), ALIKE, ids=ascii)
def test_f7_spellings_of_one_mailbox_fold_alike(one: str, other: str) -> None:
    assert fold_email(one) == fold_email(other)
    assert fold_email(fold_email(one)) == fold_email(one)


@pytest.mark.threat(row=55)
@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=ascii)
def test_f7_two_mailboxes_fold_apart(one: str, other: str) -> None:
    assert fold_email(one) != fold_email(other)
    assert not is_same_mailbox(one, other)


@pytest.mark.parametrize(
    "text", ["", "@", "ada", "a@", "@\u00fc", "\u00fc@" * 300, "\u0315\u0300" * 500, "a@xn--\u00fc"]
)
def test_f7_whatever_is_typed_for_an_email_folds_to_something(text: str) -> None:
    assert isinstance(fold_email(text), str)


@pytest.mark.threat(row=55)
@pytest.mark.parametrize(("one", "other"), ALIKE, ids=ascii)
def test_f7_dora_has_one_account_by_all_spellings_of_her_mailbox(client: FlaskClient, one: str, other: str) -> None:
    sign_up(client, one)

    again = client.post("/v1/auth/register", json={"email": other, "password": PASSWORD})

    assert code_of(again) == (409, "email_taken")
    assert body_of_user(client, other) == one


def body_of_user(client: FlaskClient, email: str) -> str:
    """The address of the account that `email` signs in to, as it was typed first."""
    return str(log_in(client, email)["user"]["email"])


@pytest.mark.parametrize("email", REFUSED, ids=ascii)
def test_f7_an_address_that_looks_like_another_is_refused_and_blocks_nobody(client: FlaskClient, email: str) -> None:
    response = client.post("/v1/auth/register", json={"email": email, "password": PASSWORD})

    assert response.status_code == 422
    assert "before the @" in json_of(response)["errors"][0]["detail"]


@pytest.mark.threat(row=55)
@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=ascii)
def test_f7_an_account_from_before_never_stands_in_the_way_of_another(app: ApiApp, one: str, other: str) -> None:
    make_person(app, one)
    make_person(app, other)

    assert [body_of_user(app.test_client(), email) for email in (one, other)] == [one, other]


def test_f7_a_link_to_a_new_password_is_found_by_the_other_spelling(client: FlaskClient) -> None:
    sign_up(client, "dora@b\u00fccher.example.com")
    client.post("/v1/auth/password/forgot", json={"email": "dora@xn--bcher-kva.example.com"})
    token = newest_token("reset", "dora@b\u00fccher.example.com")

    reset = client.post("/v1/auth/password/reset", json={"token": token, "newPassword": "another long walk"})

    assert reset.status_code == 204


@pytest.mark.threat(row=55)
@pytest.mark.parametrize(("one", "other"), RENAMED, ids=ascii)
def test_r12_a_proof_does_not_carry_over_to_what_only_folds_alike(app: ApiApp, one: str, other: str) -> None:
    dora = make_person(app, one)
    confirm(dora, one)

    changed = dora.patch("/v1/users/me", {"email": other, "currentPassword": PASSWORD})

    assert changed.status_code == 200
    assert proof_of(other) is None
    assert newest_token("confirm", other)


def test_r12_a_proof_stays_where_only_the_case_of_ascii_letters_changes(app: ApiApp) -> None:
    dora = make_person(app, "dora@example.com")
    confirm(dora, "dora@example.com")

    dora.patch("/v1/users/me", {"email": "Dora@EXAMPLE.com", "currentPassword": PASSWORD})

    assert proof_of("dora@example.com") is not None


@pytest.mark.parametrize("kind", ["confirm", "reset"])
def test_r12_a_link_that_was_sent_to_the_address_before_proves_nothing_of_one_that_folds_alike(
    app: ApiApp, kind: LinkKind
) -> None:
    one, other = ("\u03bd\u03b9\u03ba\u03bf\u03c2@example.com", "\u03bd\u03b9\u03ba\u03bf\u03c3@example.com")
    nikos = make_person(app, one)
    token = link_of(one, kind)
    nikos.patch("/v1/users/me", {"email": other, "currentPassword": PASSWORD})

    assert follow(nikos, kind, token) == 401
    assert proof_of(other) is None


def confirm(person: Person, email: str) -> None:
    assert follow(person, "confirm", link_of(email, "confirm")) == 204


def link_of(email: str, kind: LinkKind) -> str:
    """The token of a link that was sent to `email`."""
    with transaction():
        notifications.send_link(accounts.get_user_by_email(email), kind)
    return newest_token(kind, email)


def follow(person: Person, kind: str, token: str) -> int:
    body = {"token": token} if kind == "confirm" else {"token": token, "newPassword": "another long walk"}
    address = "/v1/auth/email/confirm" if kind == "confirm" else "/v1/auth/password/reset"
    return person.post(address, body).status_code


def proof_of(email: str) -> str | None:
    user = queries.find_user_by_email(email)
    assert user is not None
    return user.email_confirmed_at

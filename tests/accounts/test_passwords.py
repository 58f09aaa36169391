"""Password policy: 8 to 256 code points of any kind, none that everybody tries first, nor the email.

F10: on any keyboard.
"""

import unicodedata

import pytest
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy import bindparam, update

from bucketlist.accounts.schemas import NewPasswordIn, RegisterIn
from bucketlist.auth import passwords
from bucketlist.auth.passwords import hash_password, is_well_known, normalise_password, renew_hash, verify_password
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import users
from tests.authentication import log_in, sign_up
from tests.concurrency import together
from tests.people import PASSWORD_HASH, Person, make_person


def reasons_against(password: str, email: str = "dora@example.com") -> list[str]:
    """Why it is refused."""
    try:
        RegisterIn.model_validate({"email": email, "password": password})
    except ValidationError as error:
        return [problem["type"] for problem in error.errors()]
    return []


@pytest.mark.parametrize(
    "password",
    [
        "k7#pQ2vz",
        "8 spaces",
        "        ",
        "k7#pQ2v\u0000",
        "tab\tand\nline",
        "\u202eright to left",
        "\U0001f98a\U0001f989\U0001f98b\U0001f418\U0001f994\U0001f9a1\U0001f9a6\U0001f9a9",
        "\u5929\u4e0b\u7121\u96d9\u7684\u5bc6\u78bc\u5462",
        "x" * 250 + "yz",
        "\U0001f98a" * 255 + "a",
        "\u0344" * 256,
    ],
)
def test_dora_may_choose_any_characters(password: str) -> None:
    assert reasons_against(password) == []


@pytest.mark.parametrize("length", [8, 9, 255, 256])
def test_dora_may_choose_a_password_of_eight_to_256_code_points(length: int) -> None:
    assert reasons_against(("\U0001f98aq7" * 100)[:length]) == []


@pytest.mark.parametrize("length", [0, 1, 7, 257, 1000, 1024, 1025, 256_000])
def test_dora_may_not_choose_a_shorter_or_longer_password(length: int) -> None:
    assert reasons_against(("\U0001f98aq7" * (length // 3 + 1))[:length]) == ["password_length"]


@pytest.mark.parametrize(
    "password", ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "password123", "football"]
)
def test_dora_may_not_choose_what_everybody_tries_first(password: str) -> None:
    assert reasons_against(password) == ["password_well_known"]


def test_a_word_that_nobody_tries_first_is_not_well_known() -> None:
    assert not is_well_known("correct horse battery staple")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("dora@example.com", "dora@example.com"),
        ("Dora@example.com", "dora@EXAMPLE.com"),
        ("jos\u00e9@example.com", "JOSE\u0301@EXAMPLE.COM"),
    ],
)
def test_dora_may_not_choose_her_email(email: str, password: str) -> None:
    assert reasons_against(password, email) == ["password_is_email"]


def test_a_password_is_kept_as_it_was_typed() -> None:
    taken = NewPasswordIn.model_validate({"newPassword": "  Not Trimmed  "})

    assert taken.new_password == "  Not Trimmed  "


TYPED = "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e"
ELSEWHERE = [unicodedata.normalize("NFD", TYPED), TYPED.replace(" ", "\u00a0"), TYPED.replace(" ", "\u3000")]
OTHERS = [
    TYPED.upper(),
    TYPED.replace("\u00e9", "e"),
    TYPED.replace(" ", ""),
    f" {TYPED}",
    TYPED.replace(" ", "\u200b"),
]
SET_HASH = Statement(update(users).where(users.c.id == bindparam("who")).values(password_hash=bindparam("hash")))


def store_as_typed(person: Person, password: str) -> None:
    """As passwords were kept before they were normalised."""
    execute(SET_HASH, {"who": person.id, "hash": passwords._hasher.hash(password)})


@pytest.mark.threat(row=67)
@pytest.mark.parametrize("other", ELSEWHERE, ids=ascii)
def test_f10_a_password_is_right_however_its_letters_are_composed(other: str) -> None:
    assert verify_password(other, hash_password(TYPED))
    assert verify_password(TYPED, hash_password(other))


@pytest.mark.threat(row=67)
@pytest.mark.parametrize("other", OTHERS, ids=ascii)
def test_f10_another_password_is_another(other: str) -> None:
    assert not verify_password(other, hash_password(TYPED))


@pytest.mark.parametrize("character", ["\0", "\n", "\ue000", "\U0010ffff", "\u200b", "\u0378", "\ufb01", "\uff41"])
def test_f10_no_character_of_a_password_is_refused_or_taken_for_another(character: str) -> None:
    assert normalise_password(character * 8) == character * 8


@pytest.mark.parametrize("other", ELSEWHERE, ids=ascii)
def test_f10_dora_signs_in_and_changes_and_leaves_on_any_keyboard(client: FlaskClient, other: str) -> None:
    sign_up(client, "dora@example.com", TYPED)
    token = log_in(client, "dora@example.com", other)["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}

    wanted = {"currentPassword": other, "newPassword": f"{other} 2"}
    changed = client.put("/v1/auth/password", json=wanted, headers=headers)
    gone = client.delete("/v1/users/me", json={"password": f"{TYPED} 2"}, headers=headers)

    assert (changed.status_code, gone.status_code) == (204, 204)


@pytest.mark.threat(row=67)
def test_f10_a_hash_of_what_was_typed_before_is_right_and_made_anew(app: ApiApp) -> None:
    dora = make_person(app, "dora@example.com")
    store_as_typed(dora, ELSEWHERE[0])

    first = log_in(app.test_client(), dora.email, ELSEWHERE[0])
    second = log_in(app.test_client(), dora.email, TYPED)

    assert first["user"] == second["user"]


def test_f10_two_who_sign_in_at_once_while_the_hash_is_made_anew_both_succeed(app: ApiApp) -> None:
    dora = make_person(app, "dora@example.com")
    store_as_typed(dora, ELSEWHERE[0])

    signed_in = together(4, lambda _: log_in(app.test_client(), dora.email, ELSEWHERE[0]))

    assert {each["user"]["id"] for each in signed_in} == {dora.id}


def test_f10_a_hash_that_is_as_it_should_be_stays() -> None:
    assert renew_hash(TYPED, hash_password(TYPED)) is None
    assert renew_hash(ELSEWHERE[0], hash_password(TYPED)) is None


@pytest.mark.parametrize("other", [*ELSEWHERE, TYPED])
def test_f10_nobody_takes_as_many_hashes_as_somebody(monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    counted: list[str] = []

    def verify(_: str, password_hash: str) -> bool:
        counted.append(password_hash)
        return False

    monkeypatch.setattr(passwords._hasher, "verify", verify)
    verify_password(other, PASSWORD_HASH)
    verify_password(other, None)

    assert counted.count(PASSWORD_HASH) == counted.count(passwords.HASH_OF_NOBODY) == (1 if other == TYPED else 2)


@pytest.mark.parametrize(
    ("password", "code"),
    [("e\u0301" * 7, "password_length"), ("JOSE\u0301@example.com", "password_is_email")],
)
def test_f10_what_is_refused_is_refused_as_it_would_be_kept(client: FlaskClient, password: str, code: str) -> None:
    response = client.post("/v1/auth/register", json={"email": "jos\u00e9@example.com", "password": password})

    assert [error["code"] for error in response.get_json()["errors"]] == [code]

"""Password policy: 8 to 256 code points of any kind, but none that everybody tries first, nor the email."""

import pytest
from pydantic import ValidationError

from bucketlist.accounts.schemas import NewPasswordIn, RegisterIn
from bucketlist.auth.passwords import is_well_known


def errors_of(password: str, email: str = "dora@example.com") -> list[str]:
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
    assert errors_of(password) == []


@pytest.mark.parametrize("length", [8, 9, 255, 256])
def test_dora_may_choose_a_password_of_eight_to_256_code_points(length: int) -> None:
    assert errors_of(("\U0001f98aq7" * 100)[:length]) == []


@pytest.mark.parametrize("length", [0, 1, 7, 257, 1000, 1024, 1025, 256_000])
def test_dora_may_not_choose_a_shorter_or_longer_password(length: int) -> None:
    assert errors_of(("\U0001f98aq7" * (length // 3 + 1))[:length]) == ["password_length"]


@pytest.mark.parametrize(
    "password", ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "password123", "football"]
)
def test_dora_may_not_choose_what_everybody_tries_first(password: str) -> None:
    assert errors_of(password) == ["password_well_known"]


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
    assert errors_of(password, email) == ["password_is_email"]


@pytest.mark.parametrize("password", [None, 12345678, ["longenough"], True])
def test_a_password_is_a_text(password: object) -> None:
    with pytest.raises(ValidationError):
        NewPasswordIn.model_validate({"newPassword": password})


def test_a_password_is_kept_as_it_was_typed() -> None:
    taken = NewPasswordIn.model_validate({"newPassword": "  Not Trimmed  "})

    assert taken.new_password == "  Not Trimmed  "

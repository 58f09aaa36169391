"""R13: secret strength: which keys are too weak to serve with; random ones are taken."""

import base64
import re
from random import Random

import pytest

from bucketlist.config.strength import check_token, refuse_weak_secret

WEAK = {
    "letters in order": "abcdefghijklmnopqrstuvwxyz012345",
    "letters backwards": "zyxwvutsrqponmlkjihgfedcba987654",
    "every second letter": "acegikmoqsuwybdfhjlnprtvxz024689",
    "two runs in one": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
    "two runs in hexadecimal": "0d9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d",
    "pairs": "aabbccddeeffgghhiijjkkllmmnnoopp",
    "rows of keys": "qazwsxedcrfvtgbyhnujmikolpqazwsx",
    "digits": "12345678901234567890123456789012",
    "digits without order": "31415926535897932384626433832795",
    "a pattern and a bit": "k7Qx9pLm" * 4 + "k7",
    "a pattern that moves": "abc-abd-abe-abf-abg-abh-abi-abj-",
    "a mirror": "k7Qx9pLmW2vR5tYz" + "zYt5Rv2WmLp9xQ7k",
    "blocks": "aaaaaaaabbbbbbbbccccccccdddddddd",
    "one letter": "k" * 64,
    "two letters": "ab" * 32,
    "a run again and again": "0123456789abcdef" * 4,
    "blanks": " " * 40,
    "change me": "change-me-before-you-go-live-0123456789",
    "your secret key": "Your-Secret-Key-Goes-Right-Here-0123456789",
    "default": "the-default-key-of-this-deployment-0123",
    "password": "PasswordPasswordPassword-0123456789abc",
    "the one of a tutorial": "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    "a sample in disguise": "S3cr3t-P@ssw0rd-f0r-my-b0x-98761",
    "words of a key": "my-very-long-key-for-jwt-signing-00",
    "words of a comic": "correcthorsebatterystaplecorrecthorse",
    "a pangram": "thequickbrownfoxjumpsoverthelazydog",
}


@pytest.mark.threat(row=14)
@pytest.mark.parametrize("secret", WEAK.values(), ids=WEAK)
def test_r13_a_weak_key_of_32_characters_is_refused(secret: str) -> None:
    assert len(secret) >= 32
    with pytest.raises(ValueError, match=r"^SECRET_KEY ") as refused:
        refuse_weak_secret(secret)

    assert secret not in str(refused.value)


@pytest.mark.parametrize("kind", ["short hexadecimal", "hexadecimal", "base64", "for an address"])
def test_r13_random_keys_are_taken(kind: str) -> None:
    chance = Random(7)  # so that it is the same each time

    def make() -> str:
        data = chance.randbytes(32)
        if "hexadecimal" in kind:
            return data.hex()[: 32 if "short" in kind else 64]
        return (base64.b64encode(data) if kind == "base64" else base64.urlsafe_b64encode(data)).decode()

    secrets = [secret for secret in (make() for _ in range(500)) if not re.search("test|xxxx", secret.lower())]

    for secret in secrets:
        refuse_weak_secret(secret)
    assert len(secrets) > 490


WITHOUT_RUNS = "abacbdaecfbagcdbaefcbdgaecbadfgbecda"


def test_a_secret_of_eight_letters_is_varied_enough_and_one_of_seven_is_not() -> None:
    assert len(set(WITHOUT_RUNS)) == 7

    refuse_weak_secret(WITHOUT_RUNS + "h")
    with pytest.raises(ValueError, match="repeats itself"):
        refuse_weak_secret(WITHOUT_RUNS)


def test_a_secret_with_a_third_of_its_pieces_twice_is_not_varied() -> None:
    letters = "gkbiuhdmwoqzxvtrpyca"

    refuse_weak_secret((letters * 2)[:32])
    with pytest.raises(ValueError, match="repeats itself"):
        refuse_weak_secret((letters[:19] * 2)[:32])


def test_a_secret_of_32_bytes_is_long_enough_and_one_of_31_is_not() -> None:
    refuse_weak_secret((WITHOUT_RUNS + "hij")[-32:])
    with pytest.raises(ValueError, match="too short"):
        refuse_weak_secret((WITHOUT_RUNS + "hij")[-31:])


def test_a_token_of_32_characters_is_long_enough_and_one_of_31_is_not() -> None:
    token = "7fq0zL2mXc8vBn4kRt6yWs1dHg9jPe3u"
    assert check_token(token) == token
    with pytest.raises(ValueError, match="too short"):
        check_token(token[:31])

"""Bytes have one text in base64url, and no other text is taken for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bucketlist.kit import base64url


@given(st.binary(max_size=100))
def test_what_was_encoded_is_decoded_again(data: bytes) -> None:
    text = base64url.encode(data)

    assert base64url.decode(text) == data
    assert not set(text) & set("+/=")


@pytest.mark.parametrize(
    ("text", "data"), [("", b""), ("Zg", b"f"), ("Zm8", b"fo"), ("Zm9v", b"foo"), ("-_-_", b"\xfb\xff\xbf")]
)
def test_the_texts_of_the_standard_are_made(text: str, data: bytes) -> None:
    """RFC 4648 section 10, and the two letters that differ."""
    assert (base64url.encode(data), base64url.decode(text)) == (text, data)


def is_taken(text: str) -> bool:
    try:
        base64url.decode(text)
    except ValueError:
        return False
    return True


def test_another_way_to_write_bytes_is_refused() -> None:
    padded, other_bits, other_letters = (
        ["Zg==", "Zg=", "Zm9v=", "Zg==Zg", "="],
        ["Zh", "Zm9", "Z"],
        ["+/+/", "Zm9v.", "é"],
    )
    broken = ["Zm 9v", "Zm9v\n", "\nZm9v", "\udc80", "\0"]

    assert [text for text in padded + other_bits + other_letters + broken if is_taken(text)] == []

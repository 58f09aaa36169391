"""What lies just on one side of a limit, and just on the other."""

import pytest

from bucketlist.kit.smtp import read_mail_url
from bucketlist.kit.strength import refuse_weak_secret

WITHOUT_RUNS = "abacbdaecfbagcdbaefcbdgaecbadfgbecda"


def test_a_secret_of_eight_letters_is_varied_enough_and_one_of_seven_is_not() -> None:
    assert len(set(WITHOUT_RUNS)) == 7

    refuse_weak_secret(WITHOUT_RUNS + "h")
    with pytest.raises(ValueError, match="repeats itself"):
        refuse_weak_secret(WITHOUT_RUNS)


def test_a_secret_of_32_bytes_is_long_enough_and_one_of_31_is_not() -> None:
    refuse_weak_secret((WITHOUT_RUNS + "hij")[-32:])
    with pytest.raises(ValueError, match="too short"):
        refuse_weak_secret((WITHOUT_RUNS + "hij")[-31:])


@pytest.mark.parametrize("url", ["smtp://mail.example.com#x", "smtp://mail%40example.com", "smtp://mail.example.com/x"])
def test_one_thing_too_many_in_the_address_of_a_mail_server_is_enough(url: str) -> None:
    with pytest.raises(ValueError, match="must be smtp://"):
        read_mail_url(url)

"""Clock and UUIDs."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from bucketlist.kit import clock
from bucketlist.kit.ids import NO_ID, UUID7_PATTERN, RequestIds, is_id, known, new_id

MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones())  # noqa: DTZ001  # hypothesis adds them


@given(MOMENTS)
def test_a_moment_is_24_characters_and_comes_back(moment: datetime) -> None:
    text = clock.to_text(moment)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert timedelta(0) <= moment - clock.from_text(text) < timedelta(milliseconds=1)
    assert clock.to_text(clock.from_text(text)) == text


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_moments_do(one: datetime, other: datetime) -> None:
    apart = abs(one - other) >= timedelta(milliseconds=1)

    assert not apart or (clock.to_text(one) < clock.to_text(other)) == (one < other)


def test_a_moment_is_told_in_utc() -> None:
    east = datetime(2026, 11, 24, 23, 40, 0, 999_999, timezone(timedelta(hours=1)))

    assert clock.to_text(east) == "2026-11-24T22:40:00.999Z"


def test_now_is_now() -> None:
    with time_machine.travel("2026-11-24T22:40:00.500Z", tick=False):
        assert clock.now() == datetime(2026, 11, 24, 22, 40, 0, 500_000, UTC)
        assert clock.now_text() == "2026-11-24T22:40:00.500Z"
        assert clock.text_from_now(seconds=-0.5) == "2026-11-24T22:40:00.000Z"
        assert clock.text_from_now(days=30) == "2026-12-24T22:40:00.500Z"


@pytest.mark.parametrize(
    ("earlier", "after"),
    [
        ("2026-11-24T22:39:59.999Z", "2026-11-24T22:40:00.000Z"),
        ("2026-11-24T22:40:00.000Z", "2026-11-24T22:40:00.001Z"),
        ("2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"),
    ],
)
def test_a_change_is_later_than_the_one_before_it_though_the_clock_stands_still(earlier: str, after: str) -> None:
    with time_machine.travel("2026-11-24T22:40:00Z", tick=False):
        assert clock.text_after(earlier) == after


def test_ids_are_made_in_order_and_once() -> None:
    made = [new_id() for _ in range(10_000)]

    assert all(is_id(one) for one in made)
    assert len(set(made)) == len(made)
    assert [one[:13] for one in made] == sorted(one[:13] for one in made)


SOME_ID = "01931bb4-7c5e-7b6a-9d3e-2f1a0b4c5d6e"
NOT_IDS = [
    SOME_ID.upper(),
    SOME_ID.replace("-", ""),
    f"{{{SOME_ID}}}",
    f"urn:uuid:{SOME_ID}",
    f" {SOME_ID}",
    f"{SOME_ID}\n",
    f"{SOME_ID}0",
    SOME_ID[:-1],
    f"{SOME_ID[:-1]}\uff13",
    "01931bb4-7c5e-4b6a-9d3e-2f1a0b4c5d6e",  # version 4
    "01931bb4-7c5e-7b6a-cd3e-2f1a0b4c5d6e",  # another variant
    "00000000-0000-0000-0000-000000000000",
    "",
    "1",
]


@pytest.mark.parametrize("text", NOT_IDS, ids=ascii)
def test_what_is_no_uuid7_in_lower_case_is_no_id(text: str) -> None:
    assert not is_id(text)
    assert known(text) == NO_ID


@given(st.from_regex(UUID7_PATTERN.replace("$", r"\Z")))
def test_the_published_pattern_is_what_is_taken(text: str) -> None:
    assert is_id(text)
    assert known(text) == text


def test_a_process_gives_each_request_an_id_that_no_other_has() -> None:
    one, other = RequestIds(), RequestIds()

    ids = [one.next(), one.next(), other.next()]
    one.renew()  # as after a fork
    ids.append(one.next())

    assert all(map(is_id, ids))
    assert len(set(ids)) == 4

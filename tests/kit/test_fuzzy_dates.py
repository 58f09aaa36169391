"""Fuzzy dates (EDTF): which are taken, the days that each covers, their order, and what “before” means."""

import re
from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bucketlist.kit.fuzzy_dates import EXAMPLES, NO_RANK, PATTERN, FuzzyDate, first_rank

YEARS = st.integers(1, 9999)
ABOUT = st.sampled_from(["", "~"])
DAYS = st.dates().map(date.isoformat)
MONTHS = st.builds("{:04}-{:02}".format, YEARS, st.integers(1, 12))
SEASONS = st.builds("{:04}-{}".format, YEARS, st.integers(21, 24))
EXACT = st.one_of(DAYS, MONTHS, SEASONS, YEARS.map("{:04}".format), st.integers(1, 999).map("{:03}X".format))
TEXTS = st.builds(str.__add__, EXACT, ABOUT)
DATES = TEXTS.map(FuzzyDate.parse)
ANY_NUMBERS = st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}", fullmatch=True)

COVERED = {
    "2031-06-14": ("2031-06-14", "2031-06-14"),
    "2028-02": ("2028-02-01", "2028-02-29"),
    "2031-02~": ("2031-02-01", "2031-02-28"),
    "2031": ("2031-01-01", "2031-12-31"),
    "2031-21": ("2031-03-01", "2031-05-31"),
    "2031-22": ("2031-06-01", "2031-08-31"),
    "2031-23": ("2031-09-01", "2031-11-30"),
    "2031-24": ("2031-12-01", "2032-02-29"),
    "2030-24~": ("2030-12-01", "2031-02-28"),
    "203X": ("2030-01-01", "2039-12-31"),
    "001X": ("0010-01-01", "0019-12-31"),
    "999X~": ("9990-01-01", "9999-12-31"),
    "0001": ("0001-01-01", "0001-12-31"),
}
NONE = [
    *("", "~", "X", "0000", "0000-01", "0000-01-01", "000X", "00XX", "203x", "20XX", "2XXX", "XXXX", "203X-01", "203"),
    *("2031-00", "2031-13", "2031-20", "2031-25", "2031-41", "2031-1", "2031-06-00", "2031-06-31", "2031-02-29"),
    *("1900-02-29", "2100-02-29", "2031-02-30", "2031-24-01", "2031-6-14", "20310614", "10000", "+2031", "-2031"),
    *("Y2031", "2031~~", "~2031", "2031-~06", "2031?", "2031%", "2031/2032", "2031-06-14T00:00Z", " 2031", "2031 "),
    *("2031\n", "2031\0", "２０３１", "٢٠٣١", "2031–06", "about 2031", "203X~ ", "null", "9" * 5000, "2031-06-14~~~"),
]


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize("text", COVERED)
def test_a_fuzzy_date_covers_its_days(text: str) -> None:
    found = FuzzyDate.parse(text)

    assert (found.text, found.first, found.last) == (text, *map(day, COVERED[text]))


def test_the_last_winter_ends_in_a_leap_year_that_has_no_dates() -> None:
    found = FuzzyDate.parse("9999-24")

    assert (found.first, found.last - found.first) == (day("9999-12-01"), 30 + 31 + 29)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_fuzzy_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a fuzzy date"):
        FuzzyDate.parse(text)


@given(ANY_NUMBERS)
def test_only_what_the_calendar_has_is_taken(text: str) -> None:
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    is_season = len(text) == 7 and 21 <= month <= 24
    is_month = 1 <= month <= 12 and year >= 1 and 1 <= day <= monthrange(year, month)[1]

    assert bool(re.search(PATTERN, text)) == (year >= 1 and (is_season or is_month))


@given(TEXTS)
def test_every_fuzzy_date_is_given_back_as_it_came(text: str) -> None:
    assert re.search(PATTERN, text)
    assert FuzzyDate.parse(text).text == text


@given(st.dates(max_value=date(9999, 12, 30)))
def test_a_day_is_in_its_month_year_and_decade_and_no_other_has_it(one: date) -> None:
    text = one.isoformat()
    covering = [FuzzyDate.parse(part) for part in (text, text[:7], text[:4], f"{max(text[:3], '001')}X")]
    following = FuzzyDate.parse((one + timedelta(1)).isoformat())

    assert all(found.first <= one.toordinal() <= found.last for found in covering[: 3 + (text >= "001")])
    assert covering[0].is_before(following)
    assert following.first == covering[0].last + 1


@given(DATES, DATES)
def test_the_order_is_by_the_last_day_then_the_shorter_then_the_exact(one: FuzzyDate, other: FuzzyDate) -> None:
    def key(found: FuzzyDate) -> tuple[int, int, bool]:
        return found.last, found.last - found.first, found.text.endswith("~")

    assert (one < other) == (key(one) < key(other))
    assert (one == other) == (one.text == other.text)
    assert 0 < one.rank < NO_RANK


def test_what_ends_on_one_day_comes_the_shorter_and_the_exact_first() -> None:
    ordered = ["2039-12-31", "2039-12-31~", "2039-12", "2039-12~", "2039", "2039~", "203X", "203X~", "2040-01-01"]

    assert sorted(set(ordered), key=FuzzyDate.parse) == ordered
    assert sorted(["2031-22", "2031-08", "2031-09"], key=FuzzyDate.parse) == ["2031-08", "2031-22", "2031-09"]


@given(DATES, DATES)
def test_before_is_over_before_it_begins_and_after_is_the_other_way_round(one: FuzzyDate, other: FuzzyDate) -> None:
    assert one.is_before(other) == other.is_after(one) == (one.last < other.first)
    assert one.is_before(other) == (one.rank < first_rank(other.first))


@pytest.mark.parametrize(("one", "other"), [("2030", "2031"), ("2031-05", "2031-22"), ("203X", "2040~")])
def test_what_touches_does_not_overlap(one: str, other: str) -> None:
    assert FuzzyDate.parse(one).is_before(FuzzyDate.parse(other))
    assert not FuzzyDate.parse(other).is_before(FuzzyDate.parse(one))


@pytest.mark.parametrize("text", ["2031-06-14", "2031-06", "2031-22", "2031", "203X~"])
def test_what_overlaps_is_neither_before_nor_after(text: str) -> None:
    assert not FuzzyDate.parse(text).is_before(FuzzyDate.parse("2031-06"))
    assert not FuzzyDate.parse(text).is_after(FuzzyDate.parse("2031-06"))


def test_the_examples_are_fuzzy_dates() -> None:
    assert [FuzzyDate.parse(text).text for text in EXAMPLES] == list(EXAMPLES)

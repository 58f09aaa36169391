"""Fuzzy dates in people’s words: read as they are written, written as they are read, in each language; and one line."""

from datetime import date

import pytest
from flask import g
from hypothesis import given
from hypothesis import strategies as st

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.web.capture import read_line
from bucketlist.web.fuzzy_words import read_fuzzy, say_fuzzy, say_when
from bucketlist.web.languages import LANGUAGES
from tests.conftest import on_sqlite

TODAY = date(2026, 12, 1)
WORDS = {
    "en": {
        "2031": "2031",
        "June 2031": "2031-06",
        "jun 2031": "2031-06",
        "14 June 2031": "2031-06-14",
        "June 14, 2031": "2031-06-14",
        "2031-6-4": "2031-06-04",
        "Summer 2031": "2031-22",
        "fall 2031": "2031-23",
        "the thirties": "203X",
        "the 2030s": "203X",
        "in the thirties": "203X",
        "about 1987": "1987~",
        "~ 2031": "2031~",
        "circa summer 2031": "2031-22~",
        "some time in June 2031": "2031-06",
        "someday": None,
        "6/2031": "2031-06",
        "the 80s": "208X",
        "": None,
    },
    "de": {
        "Juni 2031": "2031-06",
        "im Mai 2031": "2031-05",
        "Okt. 2031": "2031-10",
        "März 2031": "2031-03",
        "14. Juni 2031": "2031-06-14",
        "14.Juni 2031": "2031-06-14",
        "am 14. Juni 2031": "2031-06-14",
        "14.6.2031": "2031-06-14",
        "06/2031": "2031-06",
        "14 June 2031": "2031-06-14",
        "Sommer 2031": "2031-22",
        "im Frühjahr 2031": "2031-21",
        "die Dreißiger": "203X",
        "in den Dreissigern": "203X",
        "die Dreißigerjahre": "203X",
        "die 30er": "203X",
        "die 2030er": "203X",
        "in den 2030ern": "203X",
        "2030er-Jahre": "203X",
        "um 1987": "1987~",
        "um die 2030er": "203X~",
        "etwa im Sommer 2031": "2031-22~",
        "ca. 2031": "2031~",
        "irgendwann im Jahr 2031": "2031",
        "irgendwann": None,
        "eines Tages": None,
    },
}
CASES = [(language, words, edtf) for language, cases in WORDS.items() for words, edtf in cases.items()]
pytestmark = [on_sqlite]


@pytest.fixture(scope="module")
def plain_app(settings: Settings) -> ApiApp:
    return create_app(settings)


@pytest.mark.parametrize(("language", "words", "edtf"), CASES)
def test_a_time_is_read_as_people_write_it(plain_app: ApiApp, language: str, words: str, edtf: str | None) -> None:
    with plain_app.test_request_context():
        g.language = language
        assert read_fuzzy(words, TODAY) == edtf


@pytest.mark.parametrize(
    "words",
    ["soon", "31 June 2031", "2031-13", "13/2031", "4/6/2031", "99999", "June", "summer", "14 Juno 2031", "x" * 500],
)
def test_what_is_no_time_is_never_guessed_at(plain_app: ApiApp, words: str) -> None:
    with plain_app.test_request_context():
        g.language = "en"
        with pytest.raises(ValueError, match="date"):
            read_fuzzy(words, TODAY)


def test_a_memory_looks_back(plain_app: ApiApp) -> None:
    with plain_app.test_request_context():
        g.language = "en"
        assert read_fuzzy("the eighties", TODAY, looks_back=True) == "198X"
        assert read_fuzzy("the twenties", TODAY, looks_back=True) == "202X"


def test_what_is_read_in_german_is_shown_back_in_german(plain_app: ApiApp) -> None:
    told = ["203X", "2031-22", "2031-06", "2031", "2031-06-14", "1987~"]
    with plain_app.test_request_context():
        g.language = "de"
        assert [say_when(one) for one in told] == [
            *("Irgendwann in den 2030ern", "Irgendwann im Sommer 2031", "Irgendwann im Juni 2031"),
            *("Irgendwann im Jahr 2031", "Am 14. Juni 2031", "Etwa 1987"),
        ]
        assert all(read_fuzzy(say_when(one), TODAY) == one for one in told)


DAYS = st.dates(min_value=date(1, 1, 1)).map(lambda day: day.isoformat())
FUZZY = st.one_of(
    DAYS,
    DAYS.map(lambda day: day[:7]),
    DAYS.map(lambda day: day[:4]),
    st.tuples(DAYS, st.sampled_from(["21", "22", "23", "24"])).map(lambda pair: f"{pair[0][:4]}-{pair[1]}"),
    st.integers(10, 999).map(lambda decade: f"{decade:03}X"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_is_read_as_the_same(plain_app: ApiApp, language: str) -> None:
    @given(FUZZY, st.booleans())
    def check(exact: str, is_about: bool) -> None:
        text = FuzzyDate.parse(f"{exact}~" if is_about else exact).text
        assert read_fuzzy(say_fuzzy(text), TODAY) == text
        assert say_when(text)

    with plain_app.test_request_context():
        g.language = language
        check()


@pytest.mark.parametrize(
    ("line", "name", "tags", "target"),
    [
        ("Swim at midnight #night summer 2031", "Swim at midnight", ["night"], "2031-22"),
        ("Go to Rome in May 2031", "Go to Rome", [], "2031-05"),
        ("Read 1984", "Read 1984", [], None),
        ("Run 1000", "Run 1000", [], None),
        ("Watch films of the fifties", "Watch films of the fifties", [], None),
        ("2031", "2031", [], None),
        ("#only", "#only", [], None),
        ("  spaced   out  ", "spaced out", [], None),
        ("C# is fun", "C# is fun", [], None),
    ],
)
def test_of_a_line_tags_and_a_time_are_read(
    plain_app: ApiApp, line: str, name: str, tags: list[str], target: str | None
) -> None:
    with plain_app.test_request_context():
        g.language = "en"
        assert read_line(line, TODAY) == (name, tags, target)

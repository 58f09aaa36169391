"""R1: text normalisation: no text makes work that grows with its square. F19: of a name something can be seen."""

import ast
import re
import unicodedata

import pytest
from pydantic_core import PydanticCustomError

from bucketlist.auth.passwords import hash_password, is_like_email
from bucketlist.kit import text as kit
from bucketlist.kit.text import (
    GROWTH,
    HIDDEN_MARKS,
    INVISIBLE,
    INVISIBLE_BEYOND,
    MOST_MARKS,
    Line,
    LongText,
    OptionalLine,
    fold,
    normalise,
    to_nfc,
)
from tests.sources import PACKAGE, read_all

EVERYTHING = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
BOUNDED = {"auth/passwords.py", "kit/emails.py", "kit/text.py", "migrations/versions/0006_fold_anew.py"}
ROWS = ["\u0315\u0300", "\u0f73", "\u0344\u0316", "\u0301", "\uff9e\u0316", "\u0f81\u0f75", "\u20d0\u20d2\U0001d165"]
MANY = 3000
rows_of_marks = re.compile(rb"[^\0]+").findall


class Counted:
    """`unicodedata`, which notes how many marks in a row it has had to put in order."""

    combining = staticmethod(unicodedata.combining)

    def __init__(self) -> None:
        self.most_in_a_row = 0

    def row_of(self, text: str) -> int:
        for mark, parts in HIDDEN_MARKS.items():
            text = text.replace(mark, parts)
        rows = rows_of_marks(bytes(map(unicodedata.combining, text)))
        return max((len(row) for row in rows if row != bytes(sorted(row))), default=0)

    def normalize(self, form: str, text: str) -> str:
        self.most_in_a_row = max(self.most_in_a_row, self.row_of(text))
        return unicodedata.normalize(form, text)  # type: ignore[arg-type]  # the caller says which


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(kit, "unicodedata", counted)
    return counted


@pytest.mark.threat(row=54)
@pytest.mark.parametrize("marks", ROWS, ids=ascii)
def test_r1_a_text_with_many_marks_in_a_row_is_refused_before_it_is_normalised(counted: Counted, marks: str) -> None:
    for field in (Line(MANY), OptionalLine(MANY), LongText(MANY)):
        with pytest.raises(PydanticCustomError, match="combining marks"):
            field.check("a" + marks * MANY)

    assert counted.most_in_a_row == 0


@pytest.mark.threat(row=54)
@pytest.mark.parametrize("marks", ROWS, ids=ascii)
def test_r1_a_text_from_before_marks_were_counted_is_folded_without_sorting_them(counted: Counted, marks: str) -> None:
    text = "\u1ebf" + marks * MANY + "a" + marks * MANY

    folded = fold(text)

    assert counted.most_in_a_row <= 2 * MOST_MARKS
    assert len(folded) >= MANY


@pytest.mark.parametrize("marks", ROWS, ids=ascii)
def test_r1_folding_a_long_row_of_marks_gives_what_folding_always_gives(marks: str) -> None:
    text = "\u1ebf" + marks * 40 + "\u0345b"

    assert fold(text) == fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_r1_a_text_that_cannot_fit_is_refused_before_it_is_looked_at() -> None:
    longest = unicodedata.normalize("NFD", "\u1f82" * 100)

    assert len(longest) == GROWTH * 100
    assert normalise(f"  {longest} ", 100) == "\u1f82" * 100
    with pytest.raises(PydanticCustomError, match="At most 100"):
        to_nfc("\u0315\u0300" * MANY, 100)


def test_r1_no_letter_grows_beyond_what_is_reckoned_with() -> None:
    assert max(len(unicodedata.normalize("NFD", letter)) for letter in EVERYTHING) == GROWTH


def test_r1_thirty_marks_in_a_row_are_taken_and_one_more_is_not() -> None:
    assert normalise("x" + "\u0323" * MOST_MARKS, 100) == "x" + "\u0323" * MOST_MARKS
    with pytest.raises(PydanticCustomError):
        normalise("x" + "\u0323" * (MOST_MARKS + 1), 100)


def test_r1_every_mark_that_passes_for_a_letter_is_known() -> None:
    def is_hidden(letter: str) -> bool:
        parts = unicodedata.normalize("NFKD", letter)
        return not unicodedata.combining(letter) and any(map(unicodedata.combining, parts[:1]))

    assert set(filter(is_hidden, EVERYTHING)) == set(HIDDEN_MARKS)


@pytest.mark.threat(row=54)
def test_r1_texts_are_normalised_where_their_length_is_known_and_nowhere_else() -> None:
    found = {
        file.name
        for file in read_all(PACKAGE)
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("normalize", "is_normalized")
    }

    assert found == BOUNDED


def test_r1_a_password_may_hold_any_number_of_marks(counted: Counted) -> None:
    assert hash_password("\u0315\u0300" * 128)
    assert not is_like_email("a@" + "\u0315\u0300" * 500, "a@example.com")
    assert counted.most_in_a_row <= 2 * MOST_MARKS


UNSEEN = [
    *("\u200b", "\u2060\u200d", "\u00ad", "\u200e\u202e\u202c", "\u2800", "\u3164", "\u115f\u1160", "\uffa0", "\ufeff"),
    *("\u0301", "\u20dd", "\ufe0f", "\u034f", "\u061c", "\u180e", "\u17b4", "\u2066\u2069", "\u00a0\u200b\u3000"),
    *("\U000e0041\U000e007f", "\U000e0100", "\U0001d173", "\U0001d159", "\U00013441", "\U0001bca0", "\ufff9\ufffb"),
]


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_f19_a_name_of_which_nothing_can_be_seen_is_refused(text: str) -> None:
    for field in (Line(50), OptionalLine(50)):
        with pytest.raises(PydanticCustomError, match="can be seen"):
            field.check(text)
    assert Line(50).check(text + "x\u2603") == (text + "x\u2603").strip()
    assert LongText(50).check(text) == text.strip()


def test_f19_whatever_unicode_says_to_ignore_or_leave_blank_counts_as_invisible() -> None:
    is_unseen = re.compile(f"[{INVISIBLE}{INVISIBLE_BEYOND}]").match
    blank = [letter for letter in EVERYTHING if unicodedata.category(letter) in ("Zs", "Zl", "Zp")]
    formats = [letter for letter in EVERYTHING if unicodedata.category(letter) == "Cf"]
    seen = (
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"  # signs around numbers
    )
    joiners = {chr(code) for code in range(0x13430, 0x13440)}  # of hieroglyphs

    assert [letter for letter in blank if not is_unseen(letter)] == []
    assert {letter for letter in formats if not is_unseen(letter)} <= set(seen) | joiners


@pytest.mark.parametrize(
    "text", ["\u0e33", "\u0915\u093e", "\u2764\ufe0f", "1\ufe0f\u20e3", "\U0001f1e9", "\ue000", "."]
)
def test_f19_a_name_of_one_sign_is_a_name(text: str) -> None:
    assert Line(9).check(text) == text


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_f19_a_line_has_no_separators_of_lines_or_paragraphs(separator: str) -> None:
    for field in (Line(9), OptionalLine(9)):
        with pytest.raises(PydanticCustomError, match="line breaks"):
            field.check(f"a{separator}b")
    assert LongText(9).check(f"a{separator}b") == f"a{separator}b"

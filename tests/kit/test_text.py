"""Text normalisation and case folding: texts are kept as typed, and compared by a folded copy.

F18: what differs in case only folds alike, in any script.
"""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from bucketlist.kit.text import Line, LongText, OptionalLine, fold, normalise, refuse_controls

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VISIBLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]


@given(TEXTS)
def test_a_text_is_normal_once_and_for_all(text: str) -> None:
    kept = normalise(text, 1000)

    assert normalise(kept, 1000) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip()
    assert kept == unicodedata.normalize("NFC", text).strip()


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_normal_forms_and_cases_fold_alike(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert fold(text.casefold()) == fold(text)


@pytest.mark.parametrize("other", ["a", "\u00e4", "ae"])
def test_an_accent_makes_a_difference(other: str) -> None:
    assert fold(other) != fold("\u00e1")


@given(VISIBLE)
def test_what_has_no_control_characters_is_taken(text: str) -> None:
    assert refuse_controls(text) == text


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"{ord(control):02x}")
def test_no_line_holds_a_control_character(control: str) -> None:
    with pytest.raises(PydanticCustomError):
        Line(9).check(f"a{control}b")
    with pytest.raises(PydanticCustomError):
        OptionalLine(9).check(f"a{control}b")


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"{ord(control):02x}")
def test_long_text_holds_line_breaks_and_tabs_only(control: str) -> None:
    if control in "\t\n\r":
        assert LongText(9).check(f"a{control}b") == f"a{control}b"
    else:
        with pytest.raises(PydanticCustomError):
            LongText(9).check(f"a{control}b")


@pytest.mark.parametrize("text", ["\u200d", "\u202e", "\ufeffx", "\u00adx", "\ue000", "\U0010ffff"])
def test_format_characters_are_allowed(text: str) -> None:
    assert refuse_controls(text) == text


@pytest.mark.parametrize("text", ["", " ", "\u2003\u00a0", "\u3000"])
def test_nothing_is_null_where_it_may_be_and_refused_where_not(text: str) -> None:
    assert OptionalLine(9).check(text) is None
    assert LongText(9).check(text) is None
    with pytest.raises(PydanticCustomError):
        Line(9).check(text)


def test_lengths_count_code_points_after_normalising_and_trimming() -> None:
    assert Line(3).check("  e\u0301\U0001f98ax ") == "\u00e9\U0001f98ax"
    with pytest.raises(PydanticCustomError):
        Line(3).check("\u00e9\U0001f98axy")


NOBODYS = ("Cn", "Co", "Cs")  # no character, somebody's own, half of one
EVERYTHING = [letter for letter in map(chr, range(0x110000)) if unicodedata.category(letter) not in NOBODYS]
PIECES = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=9)
PAIRS = [  # as they are written, and as somebody might look for them
    ("\u0130stanbul", "istanbul"),
    ("\u0130STANBUL", "i\u0307stanbul"),
    ("I\u015eIK", "\u0131\u015f\u0131k"),
    ("\u0131l\u0131k", "ILIK"),
    ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03cc\u03c2".replace("\u03cc", "\u03bf")),
    ("\u03c3\u03c2\u03a3", "\u03c2\u03c3\u03c2"),
    ("Stra\u00dfe", "STRASSE"),
    ("STRA\u1e9eE", "stra\u00dfe"),
    ("\u0149", "\u02bcN"),
    ("\u01f0", "J\u030c"),
    ("\u0390", "\u03aa\u0301"),
    ("\u03b0", "\u03ab\u0301"),
    ("\ufb01re", "FIRE"),
    ("\ufb03", "FFI"),
    ("\ufb05", "ST"),
    ("\u0565\u0582", "\u0587"),
    ("\u0535\u0552", "\u0587"),
    ("\ufb13", "\u0544\u0546"),
    ("\u1e96\u1e97", "H\u0331T\u0308"),
    ("\u1e98\u1e99\u1e9a", "W\u030aY\u030aA\u02be"),
    ("\u1f50", "\u03a5\u0313"),
    ("\u1fb7", "\u0391\u0342\u0399"),
    ("\u1fbc", "\u1fb3"),
    ("\u1ff7", "\u1ffc\u0342"),
    ("i\u0307\u0300", "\u00cc"),
    ("i\u0307\u0303", "\u0128"),
    ("\u012f\u0307\u0301", "\u012e\u0301"),
    ("j\u0307\u0303", "J\u0303"),
    ("\u13a0\uab70", "\uab70\u13a0"),
    ("\u10a0", "\u2d00"),
    ("\u1c90", "\u10d0"),
    ("\U00010400", "\U00010428"),
    ("\U0001e900", "\U0001e922"),
    ("\u212a\u212b", "k\u00e5"),
    ("\u017f", "S"),
    ("\u01c5", "\u01c6"),
    ("\uff21\uff22\uff23", "abc"),
    ("\uff76\uff9e", "\u30ac"),
    ("\u2460", "1"),
    ("\u2121", "tel"),
]
CASES: list[Callable[[str], str]] = [str.upper, str.lower, str.title, str.casefold, str.swapcase]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=ascii)
def test_f18_what_differs_in_case_only_folds_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    for change in CASES:
        assert fold(change(one)) == fold(one)


@pytest.mark.parametrize("change", CASES, ids=lambda change: str(change.__name__))
def test_f18_no_letter_of_unicode_is_lost_by_its_case(change: Callable[[str], str]) -> None:
    changed = [(letter, other) for letter in EVERYTHING if (other := change(letter)) != letter]

    assert [letter for letter, other in changed if fold(other) != fold(letter)] == []


def test_f18_folding_any_letter_twice_is_folding_it_once() -> None:
    assert [letter for letter in EVERYTHING if fold(fold(letter)) != fold(letter)] == []


@pytest.mark.parametrize(("one", "other"), [("\u0131", "\u00ed"), ("i\u0323\u0307", "i\u0301"), ("z\u0307", "z")])
def test_f18_a_dot_is_dropped_where_it_belongs_to_the_letter_only(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(PIECES, PIECES, PIECES)
def test_f18_a_part_of_a_text_is_found_in_it(before: str, part: str, behind: str) -> None:
    whole = before + part + behind
    assume(
        unicodedata.normalize("NFC", whole) == "".join(unicodedata.normalize("NFC", x) for x in (before, part, behind))
    )
    assume(not any(unicodedata.combining(piece[:1] or "x") for piece in (fold(part), fold(behind))))

    assert fold(part) in fold(whole)

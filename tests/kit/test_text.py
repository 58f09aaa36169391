"""Text normalisation: texts are kept as typed, and compared by a folded copy."""

import unicodedata

import pytest
from hypothesis import given
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "stra\u00dfe"),
        ("\u03a3\u03a3", "\u03c3\u03c2"),
        ("\uff21\uff22", "ab"),
        ("\ufb01", "FI"),
        ("\u2460", "1"),
        ("\u2121", "tel"),
    ],
)
def test_what_means_the_same_folds_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


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

"""Text is kept as typed, after NFC and trimming; what cannot be kept is refused, wherever it is sent."""

import json
import unicodedata
from collections.abc import Mapping

import pytest
from werkzeug.test import TestResponse

from tests.resources import Things
from tests.responses import errors_of, json_of, refusal_of

CONTROLS = [chr(number) for number in range(0x110000) if unicodedata.category(chr(number)) == "Cc"]
LONGEST_DESCRIPTION = 20_000
KEPT = {  # by what was typed
    "Ünïted STATES of İstanbul": "Ünïted STATES of İstanbul",
    "  Far away\u3000 ": "Far away",
    "Cafe\u0301 ☕": "Café ☕",
    "\u1112\u1161\u11ab": "한",
    "ﬁ Ⅷ １２ ß ς": "ﬁ Ⅷ １２ ß ς",
    "right \u202eto\u202c left, joined \u200d, \ufeffmarked": "right \u202eto\u202c left, joined \u200d, \ufeffmarked",
    '"quoted" \\ % _ </script> \'': '"quoted" \\ % _ </script> \'',
}
METHODS = pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])


def send(things: Things, method: str, body: Mapping[str, object]) -> TestResponse:
    """Make something with `body`, or replace or change what is there."""
    path = things.make_path if method == "POST" else things.path(things.make())
    return things.owner.ask(method, path, body)


def send_raw(things: Things, data: bytes) -> TestResponse:
    headers = {"Authorization": f"Bearer {things.owner.access_token}"}
    return things.owner.client.post(things.make_path, data=data, content_type="application/json", headers=headers)


@METHODS
def test_ada_finds_a_name_as_she_typed_it(things: Things, method: str) -> None:
    answers = {typed: json_of(send(things, method, {"name": typed, "description": typed})) for typed in KEPT}

    kept = {typed: (made.get("name"), made.get("description")) for typed, made in answers.items()}
    assert kept == {typed: (text, text) for typed, text in KEPT.items()}
    assert [json_of(things.read(made)) for made in answers.values()] == list(answers.values())


@pytest.mark.threat(row=27)
def test_ada_cannot_put_a_control_character_into_a_name(things: Things) -> None:
    found = {control: refusal_of(things.owner.post(things.make_path, {"name": f"a{control}b"})) for control in CONTROLS}

    assert found == {key: [("/name", "control_character")] for key in CONTROLS}


def test_ada_can_put_line_breaks_and_tabs_but_no_other_control_into_a_description(things: Things) -> None:
    thing = things.make()
    for control in CONTROLS:
        response = things.owner.patch(things.path(thing), {"description": f"a{control}b"})

        if control in "\t\n\r":
            assert json_of(response)["description"] == f"a{control}b"
        else:
            assert errors_of(response) == [("/description", "control_character")]


@pytest.mark.threat(row=28)
def test_ada_cannot_send_half_a_character(things: Things) -> None:
    halves = ["\\ud800", "\\udfff", "\\ude00\\ud83d", "\\ud83dx"]

    found = {half: json_of(send_raw(things, f'{{"name": "a{half}b"}}'.encode())) for half in halves}

    assert {half: problem.get("code") for half, problem in found.items()} == dict.fromkeys(halves, "bad_request")


def test_ada_can_escape_both_halves_of_a_character(things: Things) -> None:
    response = send_raw(things, b'{"name": "\\ud83d\\ude00"}')

    assert json_of(response)["name"] == "😀"


@METHODS
def test_ada_fills_a_name_and_a_description_to_the_last_code_point(things: Things, method: str) -> None:
    found = {}
    for letter in ("a", "é", "字", "😀", "e\u0301"):
        longest = {"name": letter * things.longest_name, "description": letter * LONGEST_DESCRIPTION}
        made = json_of(send(things, method, longest))
        is_kept = made.get("name") == unicodedata.normalize("NFC", letter) * things.longest_name
        found[letter] = (is_kept, len(made.get("description", "")))

    assert found == dict.fromkeys(found, (True, LONGEST_DESCRIPTION))


@METHODS
def test_ada_cannot_write_one_code_point_more(things: Things, method: str) -> None:
    long = {"name": "😀" * (things.longest_name + 1), "description": "😀" * (LONGEST_DESCRIPTION + 1)}

    response = send(things, method, long)

    assert errors_of(response) == [("/name", "string_too_long"), ("/description", "string_too_long")]


@METHODS
def test_ada_empties_a_description_with_an_empty_text_or_null(things: Things, method: str) -> None:
    nothing = ["", "   ", " \n\t ", None]

    found = {text: json_of(send(things, method, {"name": "Far away", "description": text})) for text in nothing}

    assert {text: made.get("description", made) for text, made in found.items()} == dict.fromkeys(nothing)


@METHODS
def test_ada_cannot_leave_a_name_empty(things: Things, method: str) -> None:
    nothing = ["", "   ", "\u3000\u2003"]

    found = {text: refusal_of(send(things, method, {"name": text})) for text in nothing}

    assert found == {key: [("/name", "string_too_short")] for key in nothing}


@METHODS
def test_ada_is_told_of_every_field_that_she_misspelt(things: Things, method: str) -> None:
    response = send(things, method, {"name": "Far away", "naem": 1, "a/b~c": 2, "": 3})

    assert set(errors_of(response)) == {(pointer, "extra_forbidden") for pointer in ("/naem", "/a~1b~0c", "/")}


@METHODS
def test_ada_is_told_of_all_that_is_wrong_at_once(things: Things, method: str) -> None:
    response = send(things, method, {"name": 5, "description": [], "colour": "red"})

    assert {pointer for pointer, _ in errors_of(response)} == {"/name", "/description", "/colour"}


def test_ada_is_told_of_a_hundred_mistakes_at_most(things: Things) -> None:
    wrong = {f"key{number}": number for number in range(400)}

    response = send_raw(things, json.dumps(wrong).encode())

    assert len(errors_of(response)) == 100
    assert len(response.data) < 20_000

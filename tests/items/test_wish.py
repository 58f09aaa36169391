"""Fields of items for the life list: states, a target, how often, where, steps and links; routes and validation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.people import Person
from tests.responses import errors_of, json_of


def itself(value: Any) -> Any:
    return value


WISH: dict[str, Any] = {
    "state": "dropped",
    "droppedReason": "It was my brother’s wish.\nNot mine.",
    "target": "2031-22~",
    "times": 100,
    "place": "Tromsø",
    "tags": ["Winter", "mit Nora", "a/b ?#%"],
    "steps": [{"text": "Save up", "done": True}, {"text": "Go", "done": False}],
    "links": [{"url": "https://example.com/a?b=ü#c", "title": "When"}, {"url": "HTTP://EXAMPLE.ORG", "title": None}],
}
EMPTY: dict[str, Any] = dict.fromkeys(WISH) | {"state": "open", "times": 1, "tags": [], "steps": [], "links": []}
ADDRESSES: list[Any] = [
    *("", "example.com", "//example.com", "ftp://example.com", "javascript:alert(1)", "data:text/html,x", "https:"),
    *(
        "https://",
        "http:///x",
        "https://?q",
        "https://#",
        "https://exa mple.com",
        "https://example.com/a b",
        "mailto:a@b",
    ),
    *(
        "https://example.com\n",
        "https://example.com/\u0000",
        "https://[::1",
        "https://example.com:99999",
        "https://\\x",
    ),
    *(" javascript://example.com", "https://example.com/" + "x" * 2_000, 1, None, True, [], {}),
]
WRONG: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {  # by its place: a field, made of each of these values
    "/times": (itself, [0, -1, 1.5, "1", 2**63, 10**30, True, None, []]),
    "/target": (itself, ["summer 2031", "2031-02-29", "~", " ", "2031\n", "２０３１", 2031, True, [], {}]),
    "/place": (itself, ["a\nb", "a\0b", "\u200b", 1, []]),
    "/droppedReason": (itself, ["a\0b", 1, []]),
    "/tags": (itself, [None, "", {}, 1, ["x"] * 51]),
    "/tags/0": (lambda value: [value], ["", " ", "a\nb", "a\tb", "a\0b", "\u200b", "x" * 51, 1, None, {}]),
    "/steps": (itself, [None, "", {}, 1]),
    "/steps/0": (lambda value: [value], ["Go", None, [], 1]),
    "/steps/0/text": (lambda value: [{"text": value}], ["", " ", "a\nb", "a\0b", "x" * 501, 1, None]),
    "/steps/0/done": (lambda value: [{"text": "x", "done": value}], [1, "true", None, []]),
    "/steps/1/text": (lambda value: [{"text": "x"}, value], [{}, {"done": True}]),
    "/steps/0/id": (lambda value: [{"text": "x", "id": value}], [1, None]),
    "/links/0/title": (lambda value: [{"url": "https://example.com", "title": value}], ["a\nb", "x" * 201, 1]),
    "/links/0/url": (lambda value: [{"url": value}], ADDRESSES),
}


def of(item: dict[str, Any]) -> dict[str, Any]:
    """The fields of the life list."""
    return {name: item[name] for name in EMPTY}


@pytest.fixture
def item(ada: Person) -> dict[str, Any]:
    return ada.make_item(ada.make_bucket()["id"])


@pytest.fixture
def path(item: dict[str, Any]) -> str:
    return f"/v1/items/{item['id']}"


def test_ada_keeps_a_wish_with_all_that_can_be_said_of_it(ada: Person, item: dict[str, Any]) -> None:
    made = ada.make_item(item["bucketId"], **WISH)

    assert of(item) == EMPTY
    assert of(made) == WISH
    assert json_of(ada.get(f"/v1/items/{made['id']}")) == made
    assert json_of(ada.get("/v1/items"))["items"] == [item, made]


@pytest.mark.parametrize("name", [name for name in WISH if name != "droppedReason"])
def test_ada_changes_one_thing_and_empties_it_by_leaving_it_away(ada: Person, path: str, name: str) -> None:
    changed = ada.patch(path, {name: WISH[name]})
    again = ada.patch(path, {name: WISH[name]})
    replaced = json_of(ada.put(path, {"name": "See the northern lights"}))

    assert of(json_of(changed)) == {**EMPTY, name: WISH[name]}
    assert (again.headers["ETag"], again.get_json()) == (changed.headers["ETag"], changed.get_json())
    assert of(replaced) == EMPTY
    assert replaced["modifiedAt"] > json_of(changed)["modifiedAt"]


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_text_is_null(ada: Person, path: str, empty: str | None) -> None:
    ada.patch(path, WISH)

    changed = json_of(ada.patch(path, dict.fromkeys(("droppedReason", "target", "place"), empty)))

    assert of(changed) == {**WISH, "droppedReason": None, "target": None, "place": None}


def test_a_reason_goes_with_the_state_that_it_is_for(ada: Person, path: str) -> None:
    states = [ada.patch(path, {"state": state, "droppedReason": "Why not"}) for state in ("dropped", "doing", "open")]
    ada.patch(path, {"state": "dropped", "droppedReason": "Why not"})
    kept = json_of(ada.patch(path, {"place": "Alta"}))
    gone = json_of(ada.patch(path, {"state": "done"}))

    assert [json_of(answer)["droppedReason"] for answer in states] == ["Why not", None, None]
    assert (kept["droppedReason"], gone["droppedReason"]) == ("Why not", None)


def test_a_reason_without_the_state_changes_nothing(ada: Person, item: dict[str, Any], path: str) -> None:
    assert json_of(ada.patch(path, {"droppedReason": "Why not"})) == item


@pytest.mark.parametrize("state", ["open", "doing", "done", "dropped"])
def test_a_bucket_counts_what_is_done_and_nothing_else(
    ada: Person, item: dict[str, Any], path: str, state: str
) -> None:
    ada.patch(path, {"state": state})

    assert json_of(ada.get(f"/v1/buckets/{item['bucketId']}"))["doneCount"] == (state == "done")


def test_a_step_that_does_not_say_is_not_done_and_a_link_needs_no_title(ada: Person, path: str) -> None:
    changed = json_of(ada.patch(path, {"steps": [{"text": " Go "}], "links": [{"url": " https://example.com "}]}))

    assert changed["steps"] == [{"text": "Go", "done": False}]
    assert changed["links"] == [{"url": "https://example.com", "title": None}]


@pytest.mark.threat(row=29)
@pytest.mark.parametrize(
    ("name", "most", "beyond"),
    [
        ("droppedReason", "x" * 2_000, "x" * 2_001),
        ("place", "x" * 200, "x" * 201),
        ("times", 100_000, 100_001),
        ("times", 1, 0),
        ("tags", [f"{number:02}".rjust(50, "x") for number in range(50)], ["x"] * 51),
        ("steps", [{"text": "x" * 500, "done": True}] * 200, [{"text": "x", "done": True}] * 201),
        ("links", [{"url": f"https://e.x/{'x' * 1_988}", "title": "x" * 200}] * 50, [{"url": "https://e.x"}] * 51),
    ],
)
def test_so_much_is_taken_and_not_one_more(ada: Person, path: str, name: str, most: Any, beyond: Any) -> None:
    taken = json_of(ada.patch(path, {"state": "dropped", name: most}))

    assert taken[name] == most
    assert [place for place, _ in errors_of(ada.patch(path, {name: beyond}))] == [f"/{name}"]
    assert json_of(ada.get(path)) == taken


def test_a_whole_number_may_have_a_fraction_of_nothing(ada: Person, path: str) -> None:
    assert json_of(ada.patch(path, {"times": 5.0}))["times"] == 5


def test_ada_fills_a_wish_to_the_last_member(ada: Person, path: str) -> None:
    tags = [f"Tag {number}" for number in range(50)]
    steps = [{"text": f"Step {number}", "done": False} for number in range(200)]
    links = [{"url": f"https://example.com/{number}", "title": "x"} for number in range(50)]

    filled = json_of(ada.put(path, {**WISH, "name": "x", "tags": tags, "steps": steps, "links": links}))

    assert (filled["tags"], filled["steps"], filled["links"]) == (tags, steps, links)


@pytest.mark.threat(row=29)
@pytest.mark.parametrize("place", WRONG)
def test_what_is_wrong_is_told_at_its_place(ada: Person, item: dict[str, Any], path: str, place: str) -> None:
    make, values = WRONG[place]
    field = place.split("/")[1]

    found = [[where for where, _ in errors_of(ada.patch(path, {"name": "x", field: make(value)}))] for value in values]

    assert found == [[place]] * len(values)
    assert json_of(ada.get(path)) == item

"""Sorting by hand: a list of all ids gives the things their positions, or nothing is moved."""

from typing import Any

import pytest

from bucketlist.kit.ids import new_id
from tests.people import Person
from tests.resources import Things
from tests.responses import code_of, errors_of, json_of

DIFFERS = (409, "order_differs")


@pytest.fixture
def made(things: Things) -> list[dict[str, Any]]:
    return [things.make(name) for name in ("a", "b", "c", "d")]


def order_path(things: Things) -> str:
    return f"{things.make_path}/order"


def sort(things: Things, *ids: str) -> Any:
    return things.owner.put(order_path(things), {"ids": ids})


def ids_of(made: list[dict[str, Any]], order: str = "abcd") -> list[str]:
    by_name = {thing["name"]: thing["id"] for thing in made}
    return [by_name[name] for name in order]


def test_ada_sorts_her_things_by_hand(things: Things, made: list[dict[str, Any]]) -> None:
    response = sort(things, *ids_of(made, "cadb"))

    assert (response.status_code, response.data) == (204, b"")
    assert things.names() == ["c", "a", "d", "b"]
    assert [row["position"] for row in things.rows(things.list_path)] == [1, 2, 3, 4]
    assert things.make("e")["position"] == 5


def test_what_is_in_its_place_does_not_change_and_what_moves_does(things: Things, made: list[dict[str, Any]]) -> None:
    etags = [things.read(thing).headers["ETag"] for thing in made]

    sort(things, *ids_of(made, "acbd"))
    sort(things, *ids_of(made, "acbd"))

    rows = [json_of(things.read(thing)) for thing in made]
    assert [row == thing for row, thing in zip(rows, made, strict=True)] == [True, False, False, True]
    assert [things.read(thing).headers["ETag"] == etag for thing, etag in zip(made, etags, strict=True)] == [
        *(True, False, False, True)
    ]
    assert rows[1]["modifiedAt"] > made[1]["modifiedAt"]


def test_gaps_that_were_left_are_closed(things: Things, made: list[dict[str, Any]]) -> None:
    things.owner.delete(things.path(made[1]))

    sort(things, *ids_of(made, "dac"))

    assert [(row["name"], row["position"]) for row in things.rows(things.list_path)] == [("d", 1), ("a", 2), ("c", 3)]


@pytest.mark.parametrize("order", ["", "abc", "abcd?", "abc?"])
def test_other_ids_than_those_that_are_there_move_nothing(
    things: Things, made: list[dict[str, Any]], order: str
) -> None:
    ids = [*ids_of(made, order.strip("?")[::-1]), *([new_id()] if "?" in order else [])]

    assert code_of(sort(things, *ids)) == DIFFERS
    assert code_of(sort(things, *ids_of(made, "bac"), "nonsense")) == DIFFERS
    assert [json_of(things.read(thing)) for thing in made] == made


def test_the_ids_of_somebody_else_move_nothing(things: Things, made: list[dict[str, Any]], cleo: Person) -> None:
    hers = cleo.make_bucket()
    her_item = cleo.make_item(hers["id"])

    for foreign in (hers["id"], her_item["id"]):
        assert code_of(sort(things, *ids_of(made, "bac"), foreign)) == DIFFERS
    if things.kind == "items":
        assert cleo.put(order_path(things), {"ids": ids_of(made)}).status_code == 404
    assert [json_of(things.read(thing)) for thing in made] == made


def test_an_item_of_another_bucket_moves_nothing(ada: Person) -> None:
    here, there = (ada.make_bucket()["id"] for _ in range(2))
    mine, other = ada.make_item(here), ada.make_item(there)

    assert code_of(ada.put(f"/v1/buckets/{here}/items/order", {"ids": [mine["id"], other["id"]]})) == DIFFERS
    assert ada.put(f"/v1/buckets/{here}/items/order", {"ids": [mine["id"]]}).status_code == 204


def test_a_new_order_of_buckets_names_archived_ones_too(ada: Person) -> None:
    ids = [ada.make_bucket(archived=archived)["id"] for archived in (True, False)]

    assert code_of(ada.put("/v1/buckets/order", {"ids": ids[1:]})) == DIFFERS
    assert ada.put("/v1/buckets/order", {"ids": ids[::-1]}).status_code == 204


def test_nothing_is_sorted_where_nothing_is(things: Things) -> None:
    if things.kind == "items":
        assert sort(things).status_code == 204
        assert things.owner.put(f"/v1/buckets/{new_id()}/items/order", {"ids": []}).status_code == 404
    assert things.owner.get("/v1/buckets/order").status_code == 405


@pytest.mark.threat(row=29)
@pytest.mark.parametrize(
    ("ids", "place"),
    [(None, "/ids"), ("x", "/ids"), ({}, "/ids"), ([1], "/ids/0"), ([None], "/ids/0"), ([[]], "/ids/0")],
)
def test_what_is_no_list_of_ids_is_refused(things: Things, ids: object, place: str) -> None:
    assert [where for where, _ in errors_of(things.owner.put(order_path(things), {"ids": ids}))] == [place]


def test_an_id_that_is_named_twice_is_refused(things: Things, made: list[dict[str, Any]]) -> None:
    response = sort(things, *ids_of(made, "abcda"))

    assert errors_of(response) == [("/ids", "duplicate")]


@pytest.mark.threat(row=25)
def test_as_many_ids_as_fit_into_a_body_are_taken(things: Things) -> None:
    ids = [new_id() for _ in range(25_001)]

    assert code_of(sort(things, *ids[1:])) == DIFFERS
    assert sort(things, *ids).status_code in (413, 422)

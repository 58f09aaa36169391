"""Pagination of lists: pages are followed forwards and backwards, and miss nothing, whatever happens meanwhile."""

import re
from typing import Any

import pytest

from bucketlist.config import Settings
from bucketlist.kit.http.responses import PAGE_BYTES
from bucketlist.models import items
from tests.bulk import insert_rows, item_rows
from tests.conftest import on_both_paths
from tests.people import Person
from tests.resources import Things, items_of
from tests.responses import fields_of, json_of, refusal_of

NAMES = [f"Wish {number:02}" for number in range(25)]
NO_LIMITS = [
    *("0", "101", "-1", "", " 1", "1 ", "+5", "1_0", "1.0", "1e1", "0x1", "１２", "٣", "²", "true", "a", "1\0", "%31"),
    *(str(2**number) for number in (31, 32, 63, 64)),
    "9" * 5000,
]
SORTS = ["position", "name", "createdAt", "modifiedAt"]


def page_of(things: Things, path: str) -> Any:
    return json_of(things.owner.get(path))


def test_ada_sees_an_empty_list(listed: Things) -> None:
    response = listed.ask()

    assert json_of(response) == {listed.kind: [], "count": 0, "next": None, "previous": None}
    assert "Link" not in response.headers


def test_ada_sees_in_a_list_what_she_sees_of_each(listed: Things) -> None:
    made = [listed.make(name) for name in NAMES[:3]]

    assert json_of(listed.ask())[listed.kind] == [json_of(listed.read(thing)) for thing in made]


def test_ada_sees_twenty_on_a_page_unless_she_says_else(listed: Things) -> None:
    for name in NAMES:
        listed.make(name)

    assert listed.names() == NAMES[:20]
    assert [len(listed.names(limit=limit)) for limit in (1, 24, 25, 26, 100)] == [1, 24, 25, 25, 25]


@pytest.mark.threat(row=29)
def test_ada_cannot_ask_for_a_limit_that_is_none(listed: Things) -> None:
    found = {limit: fields_of(listed.ask(limit=limit)) for limit in NO_LIMITS}

    assert found == {key: ["limit"] for key in NO_LIMITS}


def test_ada_cannot_ask_for_what_is_unknown(listed: Things) -> None:
    unknown = ["offset", "page", "Limit", "limit[]", "user_id", "", "__proto__"]

    found = {parameter: refusal_of(listed.ask(**{parameter: "1"})) for parameter in unknown}

    assert found == {parameter: [(parameter, "extra_forbidden")] for parameter in unknown}


def test_ada_cannot_ask_for_one_thing_twice(listed: Things) -> None:
    asked = {"limit": "limit=1", "q": "q=a", "sort": "sort=name", "cursor": "cursor=a"}

    found = {name: refusal_of(listed.owner.get(f"{listed.list_path}?{one}&{one}")) for name, one in asked.items()}

    assert found == {name: [(name, "repeated")] for name in asked}


@on_both_paths
@pytest.mark.parametrize("limit", [1, 7, 24, 25, 26])
def test_ada_walks_forwards_and_backwards_through_the_same_pages(listed: Things, limit: int) -> None:
    for name in NAMES:
        listed.make(name)

    forwards = listed.pages(f"{listed.list_path}?limit={limit}")
    last = forwards[-2]["next"] if len(forwards) > 1 else f"{listed.list_path}?limit={limit}"
    backwards = listed.pages(last, "previous")

    assert [row["name"] for page in forwards for row in page[listed.kind]] == NAMES
    assert [page[listed.kind] for page in reversed(backwards)] == [page[listed.kind] for page in forwards]
    assert forwards[0]["previous"] is None
    assert backwards[-1]["next"] == forwards[0]["next"]


@on_both_paths
def test_ada_finds_the_pages_beside_in_the_header_link_as_well(listed: Things, base_path: str) -> None:
    for name in NAMES[:9]:
        listed.make(name)
    first = listed.ask(limit=3)
    middle = listed.owner.get(json_of(first)["next"])
    last = listed.owner.get(json_of(middle)["next"])

    for response, relations in ((first, ["next"]), (middle, ["next", "prev"]), (last, ["prev"])):
        links = {relation: target for target, relation in re.findall('<(.*?)>; rel="(.*?)"', response.headers["Link"])}
        assert sorted(links) == relations
        body = json_of(response)
        assert (links.get("next"), links.get("prev")) == (body["next"], body["previous"])
        assert all(target.startswith(f"{base_path}/v1/") for target in links.values())


@on_both_paths
def test_ada_keeps_her_limit_search_and_sorting_from_page_to_page(listed: Things) -> None:
    for name in NAMES:
        listed.make(name)

    path = json_of(listed.ask(limit=3, q="wish 1", sort="-name"))["next"]

    assert [row["name"] for row in page_of(listed, path)[listed.kind]] == ["Wish 16", "Wish 15", "Wish 14"]
    assert all(parameter in path for parameter in ("limit=3", "q=wish+1", "sort=-name"))
    assert page_of(listed, path)["count"] == 10


@on_both_paths
def test_ada_gets_links_without_the_slash_that_she_wrote(listed: Things, base_path: str) -> None:
    for name in NAMES[:3]:
        listed.make(name)

    path = page_of(listed, f"{listed.list_path}/?limit=1")["next"]

    assert path.startswith(f"{base_path}{listed.list_path}?limit=1&cursor=")


@pytest.mark.parametrize("sort", [f"{sign}{field}" for field in SORTS for sign in ("", "-")])
def test_ada_meets_each_row_once_while_others_come_and_go(listed: Things, sort: str) -> None:
    made = [listed.make(name) for name in NAMES[:12]]
    first = page_of(listed, f"{listed.list_path}?limit=4&sort={sort}")
    here = {row["id"] for row in first[listed.kind]}
    stays = [thing for thing in made if thing["id"] not in here]

    for thing in [*first[listed.kind][1:], stays.pop(), stays.pop(0)]:
        listed.owner.delete(listed.path(thing))
    listed.make("Wish 00 and a half")
    listed.make("Wish 99")
    rest = [row["id"] for row in listed.rows(first["next"])]

    assert len(rest) == len(set(rest))
    assert {thing["id"] for thing in stays} <= set(rest)
    assert not here & set(rest)


@pytest.mark.parametrize("sort", ["name", "-name", "position"])
def test_ada_meets_each_row_once_while_she_renames_others(listed: Things, sort: str) -> None:
    made = [listed.make(name) for name in NAMES[:12]]
    first = page_of(listed, f"{listed.list_path}?limit=4&sort={sort}")
    here = {row["id"] for row in first[listed.kind]}

    for thing in made:
        if thing["id"] in here:
            listed.owner.patch(listed.path(thing), {"name": "Wish 00" if sort == "name" else "Wish 99"})
    rest = [row["id"] for row in listed.rows(first["next"])]

    assert sorted([*here, *rest]) == sorted(thing["id"] for thing in made)


def test_ada_follows_a_link_to_a_page_that_has_emptied(listed: Things) -> None:
    made = [listed.make(name) for name in NAMES[:4]]
    path = json_of(listed.ask(limit=2))["next"]
    for thing in made[2:]:
        listed.owner.delete(listed.path(thing))

    page = page_of(listed, path)

    assert (page[listed.kind], page["count"], page["next"]) == ([], 2, None)
    back = page_of(listed, page["previous"])
    assert [row["name"] for row in back[listed.kind]] == NAMES[:2]
    assert (back["next"], back["previous"]) == (None, None)


def test_ada_follows_a_link_back_to_a_page_that_has_emptied(listed: Things) -> None:
    made = [listed.make(name) for name in NAMES[:4]]
    path = page_of(listed, json_of(listed.ask(limit=2))["next"])["previous"]
    for thing in made[:2]:
        listed.owner.delete(listed.path(thing))

    page = page_of(listed, path)

    assert (page[listed.kind], page["count"], page["previous"]) == ([], 2, None)
    assert [row["name"] for row in page_of(listed, page["next"])[listed.kind]] == NAMES[2:4]


@on_both_paths
def test_ada_walks_all_the_way_back_from_a_page_that_has_emptied(listed: Things) -> None:
    made = [listed.make(name) for name in NAMES[:7]]
    path = listed.pages(f"{listed.list_path}?limit=2")[-2]["next"]
    for thing in made[5:]:
        listed.owner.delete(listed.path(thing))

    pages = listed.pages(page_of(listed, path)["previous"], "previous")

    assert [row["name"] for page in reversed(pages) for row in page[listed.kind]] == NAMES[:5]


@pytest.mark.parametrize(("there", "counted"), [(9_999, 9_999), (10_001, 10_000)])
def test_ada_sees_a_count_that_stops_at_ten_thousand(ada: Person, settings: Settings, there: int, counted: int) -> None:
    things = items_of(ada, everywhere=True)
    bucket_id = things.make_path.split("/")[3]
    insert_rows(settings, items, item_rows(ada.id, bucket_id, there))

    page = json_of(things.ask(limit=1, sort="-position"))

    assert (page["count"], page["items"][0]["position"]) == (counted, there)
    assert json_of(ada.get(f"/v1/buckets/{bucket_id}"))["itemCount"] == there


LONG = "\U0001f680" * 20_000  # 80,000 bytes
MANY = 30  # of which thirteen fit


@pytest.fixture
def filled(listed: Things) -> list[dict[str, Any]]:
    """As they come, in the order in which they were made."""
    return [listed.make(f"{number:02}", description=LONG) for number in range(MANY)]


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("sort", ["position", "-name"])
def test_r6_pages_end_at_a_mebibyte_in_both_directions(listed: Things, filled: list[dict[str, Any]], sort: str) -> None:
    wanted = [row["id"] for row in (filled if sort == "position" else reversed(filled))]

    forth = listed.pages(f"{listed.list_path}?limit=100&sort={sort}")
    back = listed.pages(forth[-1]["previous"], "previous")

    assert [row["id"] for page in forth for row in page[listed.kind]] == wanted
    assert [row["id"] for page in reversed(back) for row in page[listed.kind]] == wanted[: -len(forth[-1][listed.kind])]
    assert {page["count"] for page in forth + back} == {MANY}
    assert [len(page[listed.kind]) for page in forth[:2]] == [11, 11]


@pytest.mark.threat(row=53)
def test_r6_a_page_is_no_longer_than_a_mebibyte(listed: Things, filled: list[dict[str, Any]]) -> None:
    answer = listed.ask(limit=100)

    assert len(answer.data) <= PAGE_BYTES
    assert json_of(answer)["next"].count("limit=100") == 1
    assert filled[0]["id"] == json_of(answer)[listed.kind][0]["id"]

"""Archive of buckets: one that is archived is out of the way, with its items, and nothing of it is lost."""

from typing import Any

import pytest

from tests.people import Person
from tests.responses import errors_of, json_of

SHOWN = {"": ["kept"], "archived=false": ["kept"], "archived=true": ["away"], "archived=any": ["away", "kept"]}


@pytest.fixture
def away(ada: Person) -> dict[str, Any]:
    """An archived bucket with an item; there is another one, with another."""
    buckets = [ada.make_bucket(name, archived=name == "away") for name in ("away", "kept")]
    for bucket in buckets:
        ada.make_item(bucket["id"], bucket["name"], target="2031")
    return buckets[0]


@pytest.mark.parametrize("query", SHOWN)
def test_lists_hide_what_is_archived_unless_they_are_asked_for_it(
    ada: Person, away: dict[str, Any], query: str
) -> None:
    for path in (
        "/v1/buckets?",
        "/v1/buckets?q=E&",
        "/v1/items?",
        "/v1/items?q=E&",
        "/v1/items?state=open&sort=target&",
    ):
        page = json_of(ada.get(f"{path}{query}"))

        names = sorted(row["name"] for row in page["buckets" if "buckets" in path else "items"])
        expected = [name for name in SHOWN[query] if "q=E" not in path or "e" in name]
        assert (names, page["count"]) == (expected, len(expected)), path


def test_a_bucket_that_is_asked_for_by_its_id_shows_its_items(ada: Person, away: dict[str, Any]) -> None:
    path = f"/v1/buckets/{away['id']}/items"

    counts = {query: json_of(ada.get(f"{path}?{query}"))["count"] for query in SHOWN}

    assert counts == {"": 1, "archived=false": 0, "archived=true": 1, "archived=any": 1}
    assert json_of(ada.get(path))["items"] == json_of(ada.get("/v1/items?archived=true"))["items"]


def test_ada_archives_a_bucket_and_brings_it_back(ada: Person) -> None:
    bucket = ada.make_bucket()
    item = ada.make_item(bucket["id"])
    path = f"/v1/buckets/{bucket['id']}"

    archived = ada.patch(path, {"archived": True})
    again = ada.patch(path, {"archived": True})
    hidden = json_of(ada.get("/v1/items"))["items"]
    back = json_of(ada.put(path, {"name": bucket["name"]}))

    assert (bucket["archived"], json_of(archived)["archived"], back["archived"]) == (False, True, False)
    assert (again.headers["ETag"], again.get_json()) == (archived.headers["ETag"], archived.get_json())
    assert bucket["modifiedAt"] < json_of(archived)["modifiedAt"] < back["modifiedAt"]
    assert (hidden, json_of(ada.get("/v1/items"))["items"]) == ([], [item])


def test_what_is_archived_can_still_be_read_and_changed(ada: Person, away: dict[str, Any]) -> None:
    item = ada.make_item(away["id"])

    changed = json_of(ada.patch(f"/v1/items/{item['id']}", {"state": "done"}))

    assert json_of(ada.get(f"/v1/buckets/{away['id']}"))["doneCount"] == 1
    assert changed["position"] == 2
    moved = ada.patch(f"/v1/items/{item['id']}", {"bucketId": ada.make_bucket()["id"]})
    assert moved.get_json()["id"] in [row["id"] for row in json_of(ada.get("/v1/items"))["items"]]


def test_a_new_bucket_comes_behind_those_that_are_archived(ada: Person, away: dict[str, Any]) -> None:
    assert (away["position"], ada.make_bucket()["position"]) == (1, 3)


@pytest.mark.parametrize("value", [None, 0, 1, "true", "", [], {}])
def test_archived_is_true_or_false_in_a_body(ada: Person, value: object) -> None:
    path = f"/v1/buckets/{ada.make_bucket()['id']}"

    for answer in (ada.post("/v1/buckets", {"name": "x", "archived": value}), ada.patch(path, {"archived": value})):
        assert errors_of(answer) == [("/archived", "bool_type")]


@pytest.mark.parametrize("path", ["/v1/buckets", "/v1/items"])
@pytest.mark.parametrize("value", ["", "True", "1", "all", "any,true", "%00"])
def test_archived_is_one_of_three_words_in_an_address(ada: Person, path: str, value: str) -> None:
    assert errors_of(ada.get(f"{path}?archived={value}")) == [("archived", "literal_error")]
    assert errors_of(ada.get(f"{path}?archived=any&archived=any")) == [("archived", "repeated")]


@pytest.mark.threat(row=30)
@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("path", ["/v1/buckets", "/v1/items"])
def test_a_cursor_fits_what_it_shows_only(ada: Person, path: str) -> None:
    cursor = json_of(ada.get(f"{path}?archived=any&limit=1"))["next"].partition("cursor=")[2]

    for shown in ("", "archived=true&", "archived=false&"):
        assert errors_of(ada.get(f"{path}?{shown}cursor={cursor}")) == [("cursor", "cursor")]
    assert ada.get(f"{path}?archived=any&cursor={cursor}").status_code == 200

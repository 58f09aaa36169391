"""Tags: spelt as they were first typed, found by what they fold to, renamed, merged and deleted in all items."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from bucketlist.backup.checks import find_miscounts, find_strange_tags
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.text import fold
from bucketlist.limits import storage
from tests.concurrency import just_before
from tests.items.test_change_items_at_once import at_once
from tests.people import Person
from tests.raw_database import open_database
from tests.resources import Things
from tests.responses import code_of, errors_of, json_of

Named = dict[str, list[str]]  # the tags of each item


@pytest.fixture(autouse=True)
def sound(settings: Settings, app: ApiApp) -> Iterator[None]:
    """Whatever happened, items are found by the tags that they have, and their bytes are counted."""
    yield
    with open_database(settings) as connection:
        assert [*find_strange_tags(connection), *find_miscounts(connection)] == []


def fill(person: Person, named: Named) -> None:
    bucket = person.make_bucket()["id"]
    for name, tags in named.items():
        person.make_item(bucket, name, tags=tags)


def tags_of(person: Person, query: str = "") -> Named:
    items = json_of(person.get(f"/v1/items?limit=100{query}"))["items"]
    return {item["name"]: item["tags"] for item in items}


def counts(person: Person) -> dict[str, int]:
    """Of all pages, in their order."""
    pages = Things(person, "tags", "", "", 50).pages("/v1/tags?limit=3")
    found = {tag["name"]: tag["itemCount"] for page in pages for tag in page["tags"]}
    assert {page["count"] for page in pages} == {len(found)}
    return found


def at(name: str) -> str:
    return f"/v1/tags/{quote(name, safe='')}"


def test_a_tag_is_spelt_as_it_was_first_typed(ada: Person) -> None:
    fill(ada, {"One": ["Straße", "winter"], "Two": ["STRASSE", "Strasse", "x"]})
    item = json_of(ada.get("/v1/items?tag=x"))["items"][0]

    again = ada.patch(f"/v1/items/{item['id']}", {"tags": ["sTRAẞE", "X"]})
    added = json_of(ada.patch(f"/v1/items/{item['id']}", {"tags": ["WINTER", "X"]}))

    assert json_of(again) == item
    assert (item["tags"], added["tags"]) == (["Straße", "x"], ["winter", "x"])
    assert counts(ada) == {"Straße": 1, "winter": 2, "x": 1}


def test_tags_belong_to_their_owner(ada: Person, ben: Person) -> None:
    fill(ada, {"Hers": ["Winter"]})
    fill(ben, {"His": ["winter"]})

    renamed = json_of(ada.patch(at("winter"), {"name": "Snow"}))

    assert renamed == {"name": "Snow", "itemCount": 1}
    assert (tags_of(ben), counts(ben)) == ({"His": ["winter"]}, {"winter": 1})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag=A", {"1", "2", "3"}),
        ("tag=a&tag=B", {"1", "2"}),
        ("tag=a&tag=A&tag=c", {"1"}),
        ("tag=nobody's", set()),
        ("tag=a&q=2", {"2"}),
        ("tag=b&state=done&sort=-target", {"2"}),
    ],
)
def test_items_are_found_by_all_of_several_tags(ada: Person, query: str, expected: set[str]) -> None:
    fill(ada, {"1": ["a", "b", "c"], "2": ["B", "A"], "3": ["a"], "4": []})
    second = json_of(ada.get("/v1/items?q=2"))["items"][0]["id"]
    ada.patch(f"/v1/items/{second}", {"state": "done"})

    page = json_of(ada.get(f"/v1/items?{query}"))

    assert ({item["name"] for item in page["items"]}, page["count"]) == (expected, len(expected))


@pytest.mark.parametrize("name", ["a/b", "/a", "a/", "//", "?#%", "a+b&c=d", "..", "x" * 50, "\ufdfa" * 50, "🏔", "'\\"])
def test_a_tag_of_any_name_is_renamed_and_deleted(ada: Person, name: str) -> None:
    fill(ada, {"One": [name, "kept"]})

    renamed = [ada.patch(at(old), {"name": new}).status_code for old, new in ((name, "b"), ("B", name))]
    found = tags_of(ada, f"&tag={quote(name)}")
    deleted = ada.delete(at(name)).status_code

    assert (renamed, found, deleted) == ([200, 200], {"One": [name, "kept"]}, 204)
    assert tags_of(ada) == {"One": ["kept"]}


def test_a_slash_behind_a_name_is_the_other_form_of_its_address(ada: Person) -> None:
    fill(ada, {"One": ["a"]})

    assert ada.patch("/v1/tags/a/", {"name": "b"}).status_code == 200


def test_a_rename_to_what_is_there_merges_both(ada: Person) -> None:
    fill(ada, {"Both": ["sea", "x", "Ocean"], "One": ["sea"], "Other": ["OCEAN"], "None": ["seaside"]})
    before = {item["name"]: item for item in json_of(ada.get("/v1/items"))["items"]}

    merged = json_of(ada.patch(at("Sea"), {"name": "oceaN"}))

    after = {item["name"]: item for item in json_of(ada.get("/v1/items"))["items"]}
    assert merged == {"name": "oceaN", "itemCount": 3}
    assert tags_of(ada) == {"Both": ["x", "oceaN"], "One": ["oceaN"], "Other": ["oceaN"], "None": ["seaside"]}
    assert {name for name in after if after[name]["modifiedAt"] == before[name]["modifiedAt"]} == {"None"}


def test_a_rename_to_itself_or_to_nothing_changes_nothing(ada: Person) -> None:
    fill(ada, {"One": ["sea"]})
    before = json_of(ada.get("/v1/items"))

    answers = [json_of(ada.patch(at("SEA"), body)) for body in ({}, {"name": "sea"})]

    assert answers == [{"name": "sea", "itemCount": 1}] * 2
    assert json_of(ada.get("/v1/items")) == before


def test_what_is_gone_has_no_tags_and_what_is_archived_has(ada: Person) -> None:
    fill(ada, {"One": ["a", "b"], "Two": ["b", "c"]})
    bucket, item = ada.make_bucket(archived=True)["id"], json_of(ada.get("/v1/items?tag=c"))["items"][0]["id"]
    ada.make_item(bucket, tags=["d"])

    ada.delete(f"/v1/items/{item}")
    left = counts(ada)
    ada.delete(f"/v1/buckets/{bucket}")

    assert left == {"a": 1, "b": 1, "d": 1}
    assert counts(ada) == {"a": 1, "b": 1}
    assert [ada.delete(at(name)).status_code for name in ("c", "d", "", "a\nb", "x" * 5_000)] == [
        404,
        404,
        405,
        404,
        404,
    ]


@pytest.mark.threat(row=29)
def test_what_is_wrong_with_a_tag_is_told_at_its_place(ada: Person) -> None:
    fill(ada, {"One": ["a"]})
    wrong: list[Any] = ["", " ", "a\nb", "a\tb", "\u200b", "x" * 51, None, 1, []]

    assert [errors_of(ada.patch(at("a"), {"name": name}))[0][0] for name in wrong] == ["/name"] * len(wrong)
    for query in ("tag=", "tag=%00", "tag=a%0Ab", f"tag={'x' * 51}", "tag=a&tag="):
        assert {place for place, _ in errors_of(ada.get(f"/v1/items?{query}"))} == {"tag"}, query
    assert tags_of(ada) == {"One": ["a"]}


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_items_have_the_tags_that_a_model_says(ada: Person, seed: int) -> None:
    chance, names = Random(seed), ["a", "A", "ß", "ss", "b", "a\u0301", "Á", "c d"]
    spelt: dict[str, str] = {}
    model: Named = {str(number): chance.sample(names, 3) for number in range(6)}
    for name, tags in model.items():
        model[name] = list({fold(tag): spelt.setdefault(fold(tag), spelling(tag)) for tag in tags}.values())
    fill(ada, model)

    for _ in range(8):
        old, new = chance.choice(names), chance.choice([*names, None])
        status = (ada.patch(at(old), {"name": new}) if new else ada.delete(at(old))).status_code
        is_there = any(fold(tag) == fold(old) for tags in model.values() for tag in tags)
        assert status == ((200 if new else 204) if is_there else 404)
        model = {name: retagged(tags, old, new) for name, tags in model.items()} if is_there else model
        assert tags_of(ada) == model

    expected = Counter(tag for tags in model.values() for tag in tags)
    assert counts(ada) == dict(sorted(expected.items(), key=lambda pair: fold(pair[0])))


def spelling(tag: str) -> str:
    """As it is kept."""
    return "á" if tag == "a\u0301" else tag


def retagged(tags: list[str], old: str, new: str | None) -> list[str]:
    """The tag that stays keeps its place."""
    kept = {fold(tag) for tag in tags}
    if new is None or (fold(new) != fold(old) and {fold(new), fold(old)} <= kept):
        tags = [tag for tag in tags if fold(tag) != fold(old)]
    return [spelling(new) if new and fold(tag) in (fold(old), fold(new)) else tag for tag in tags]


def test_twelve_devices_spell_a_tag_in_one_way(app: ApiApp, ada: Person) -> None:
    bucket = ada.make_bucket()["id"]
    names = ["winter", "Winter", "WINTER"]

    def tag(device: Person, number: int) -> list[int]:
        made = device.post(f"/v1/buckets/{bucket}/items", {"name": "x", "tags": [names[number % 3], str(number % 4)]})
        return [made.status_code, device.patch(at(str(number % 4)), {"name": names[number % 2]}).status_code]

    statuses = {status for found in at_once(app, ada, 12, tag) for status in found}

    assert statuses <= {200, 201, 404}
    assert sum(counts(ada).values()) >= 12


def test_a_change_that_meets_a_rename_loses_neither(app: ApiApp, ada: Person) -> None:
    fill(ada, {"One": ["a", "b"]})
    item = json_of(ada.get("/v1/items"))["items"][0]["id"]

    with just_before(app, "UPDATE items", lambda: ada.patch(at("a"), {"name": "c"})):
        changed = json_of(ada.patch(f"/v1/items/{item}", {"place": "Alta"}))

    assert (changed["place"], changed["tags"]) == ("Alta", ["c", "b"])


@pytest.mark.threat(row=52)
def test_r7_the_bytes_of_tags_count_and_a_rename_that_finds_no_room_changes_nothing(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [f"{number:02}".rjust(50, "x") for number in range(49)]  # 10 kB, in both places
    fill(ada, {"One": [*many, "a"], "Two": [*many, "a"]})
    monkeypatch.setattr(storage, "MOST_BYTES", 21_000)

    assert code_of(ada.patch(at("a"), {"name": "\ufdfa" * 50})) == (409, "storage_full")
    assert counts(ada)["a"] == 2
    assert [ada.delete(at(name)).status_code for name in many[:40]] == [204] * 40
    assert ada.patch(at("a"), {"name": "\ufdfa" * 50}).status_code == 200

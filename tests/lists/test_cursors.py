"""A cursor fits the list it was made for, of the person it was made for, and nothing else."""

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.people import Person
from tests.resources import Things, buckets_of, items_of
from tests.responses import errors_of, json_of, refusal_of

REFUSED = [("cursor", "cursor")]


def cursor_in(path: str) -> str:
    return parse_qs(urlsplit(path).query)["cursor"][0]


def cursor_of(things: Things, **parameters: Any) -> str:
    """That of the second page, of one row each."""
    for name in ("Wish 1", "Wish 2", "Wish 3"):
        things.make(name)
    return cursor_in(json_of(things.ask(limit=1, **parameters))["next"])


def test_ada_uses_a_cursor_with_another_limit(listed: Things) -> None:
    cursor = cursor_of(listed)

    assert listed.names(cursor=cursor, limit=100) == ["Wish 2", "Wish 3"]


@pytest.mark.threat(row=30)
def test_ada_cannot_use_a_cursor_with_another_search_or_sorting(listed: Things) -> None:
    others = [{"sort": "name"}, {"sort": "-position"}, {"q": "wish"}, {"q": "Wish", "sort": "name"}]
    plain = cursor_of(listed)
    special = [cursor_in(json_of(listed.ask(limit=1, **other))["next"]) for other in others]

    asked: list[dict[str, str]] = [{"cursor": plain, **other} for other in others]
    asked += [{"cursor": one} for one in special]
    asked += [{**other, "cursor": one, "q": "W"} for other, one in zip(others, special, strict=True)]
    found = {str(parameters): refusal_of(listed.ask(**parameters)) for parameters in asked}

    assert found == dict.fromkeys(map(str, asked), REFUSED)


@pytest.mark.parametrize("everywhere", [False, True])
def test_ada_cannot_use_a_cursor_of_another_list(ada: Person, everywhere: bool) -> None:
    lists = [buckets_of(ada), items_of(ada), items_of(ada, everywhere=everywhere)]
    cursors = [cursor_of(things) for things in lists]

    for things in lists:
        for cursor in cursors:
            if cursor != cursors[lists.index(things)]:
                assert errors_of(things.ask(cursor=cursor)) == REFUSED


@pytest.mark.threat(row=30)
def test_cleo_cannot_use_a_cursor_of_adas(ada: Person, cleo: Person) -> None:
    hers = [buckets_of(ada), items_of(ada, everywhere=True)]
    cleos = [buckets_of(cleo), items_of(cleo, everywhere=True)]

    for things, others in zip(hers, cleos, strict=True):
        assert errors_of(others.ask(cursor=cursor_of(things))) == REFUSED


def test_ada_gets_a_cursor_that_shows_no_name_of_another_row(listed: Things) -> None:
    listed.make("On this page")
    listed.make("A secret of the next page")

    path = json_of(listed.ask(limit=1, sort="-name"))["next"]

    data = base64.urlsafe_b64decode(cursor_in(path) + "==")
    assert b"secret" not in data

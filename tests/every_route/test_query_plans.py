"""Query plans, with twenty thousand items of twenty people: an index, never a scan of a table.

SQLite is asked without statistics, as it is used, and with them; PostgreSQL for the values of a request, and for any.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Table

from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.migrations import runner
from bucketlist.models import (
    attempts,
    blacklisted_tokens,
    buckets,
    email_addresses,
    entries,
    files,
    idempotency_keys,
    item_tags,
    items,
    known_networks,
    mail_links,
    metadata,
    outbox,
    refresh_tokens,
    sessions,
    tombstones,
    trash,
    users,
)
from bucketlist.services import services_of
from tests import citus, databases
from tests.bulk import bucket_rows, entry_rows, insert_rows, item_rows, photo_rows, tag_rows
from tests.people import Person, make_person
from tests.pictures import add_photo
from tests.query_plans import Asked, analyse, counted_from_rows, joined_by_scans, scanned_tables, steps_of_sqlite
from tests.responses import json_of
from tests.routes import ROUTES, UNKNOWN, Route, body_for, make_place
from tests.workers import open_worker

pytestmark = citus.is_its_own

PEOPLE = 20
LISTS = ["/v1/buckets", "/v1/buckets/{bucket}/items", "/v1/items"]
COUNTED = [*LISTS, "/v1/photos"]
FILTERS = ["", "&archived=any"]
FILTERS_OF_ITEMS = ["", "&archived=any&state=open&state=doing&targetBefore=2040&targetAfter=2030", "&tag=tag+1"]
SORTS_OF_ITEMS = ["target", "-target"]
JOURNAL = ["&completes=true", "&person=nora", "&dateBefore=2040&dateAfter=2020&person=nora", "&q=green&completes=false"]
SORTS = [f"{sign}{field}" for field in ("position", "name", "createdAt", "modifiedAt") for sign in ("", "-")]


@dataclass
class FullHouse:
    """An application with many rows, and one of those whose rows they are."""

    app: ApiApp
    settings: Settings
    owner: Person
    bucket_id: str

    def asked_by(self, person: Person, method: str, path: str, body: Any = None) -> list[Asked]:
        """The statements of a request."""
        seen: list[Asked] = []
        database = services_of(self.app).database
        database.on_execute = lambda statement, values: seen.append(Asked(statement, dict(values)))
        response = person.ask(method, path, body)
        database.on_execute = None
        assert response.status_code < 300, response.text
        return seen


def fill(settings: Settings, app: ApiApp) -> tuple[Person, str]:
    """Twenty people with 50 buckets and 1,000 items in them; many others who once signed in. The last of the twenty."""
    people = [make_person(app, f"{number}@example.com") for number in range(PEOPLE)]
    shelves = {person.id: bucket_rows(person.id, 50) for person in people}
    insert_rows(settings, buckets, [row for rows in shelves.values() for row in rows])
    filled = [row for user, rows in shelves.items() for one in rows for row in item_rows(user, one["id"], 20)]
    tagged = tag_rows(filled, 5)
    insert_rows(settings, items, filled)
    insert_rows(settings, item_tags, tagged)
    told = [row for one in filled[::20] for row in entry_rows([one], 20)]
    insert_rows(settings, entries, told)
    insert_rows(settings, files, [row for one in filled for row in photo_rows(one["user_id"], one["id"], 1)])
    of_entries = [
        row | {"entry_id": one["id"]} for one in told for row in photo_rows(one["user_id"], one["item_id"], 1)
    ]
    insert_rows(settings, files, of_entries)
    fill_others(settings, [person.id for person in people] * 100)
    return people[-1], shelves[people[-1].id][0]["id"]


def fill_others(settings: Settings, ids: list[str]) -> None:
    """Rows of everything that a table has of the people with these ids, and of many others."""
    now = clock.now_text()
    times = ("created_at", "modified_at", "last_used_at", "next_try_at", "given_up_at")
    moments: dict[str, str | None] = dict.fromkeys(times, now)
    moments |= {"rotated_at": None, "email_confirmed_at": None, "disabled_at": None}
    ends = {"expires_at": clock.text_from_now(days=1)}
    others = [new_id() for _ in range(2000)]
    insert_rows(settings, users, [one(users, f"{other}@example.org", id=other, **moments) for other in others])
    addresses = [one(email_addresses, f"{other}@example.org", user_id=other) for other in others]
    insert_rows(settings, email_addresses, addresses)
    insert_rows(settings, sessions, [one(sessions, "", user_id=user, id=new_id(), **moments, **ends) for user in ids])
    insert_rows(
        settings, blacklisted_tokens, [one(blacklisted_tokens, "", user_id=user, id=new_id(), **ends) for user in ids]
    )
    insert_rows(settings, attempts, [one(attempts, f"c{n}", window_ends_at=now) for n in range(2000)])
    tokens = [one(refresh_tokens, new_id(), user_id=user, session_id=new_id(), **moments, **ends) for user in others]
    insert_rows(settings, refresh_tokens, tokens)
    known = [one(known_networks, f"n{number}", user_id=user, **ends) for number, user in enumerate(ids)]
    insert_rows(settings, known_networks, known)
    insert_rows(settings, outbox, [one(outbox, "", user_id=user, id=new_id(), **moments) for user in ids])
    insert_rows(settings, mail_links, [one(mail_links, user, user_id=user, **ends) for user in others])
    kept = [one(idempotency_keys, "", user_id=user, key=new_id(), status="201", created_at=now) for user in ids]
    insert_rows(settings, idempotency_keys, kept)
    insert_rows(settings, tombstones, [one(tombstones, "tokens", user_id=user, id=new_id()) for user in others])
    lies = [one(trash, "bucket", user_id=user, id=new_id(), thing_id=new_id(), deleted_at=now) for user in others]
    insert_rows(settings, trash, [row | {"emptied": 0} for row in lies])


def one(table: Table, text: str, **values: str | None) -> dict[str, Any]:
    """A row of `table` that has `text` wherever `values` say nothing else."""
    numbers = ("version", "count", "tries", "text_bytes", "change_number")
    return {column.name: 1 if column.name in numbers else text for column in table.columns} | values


@pytest.fixture(scope="module")
def house(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullHouse]:
    url = databases.create_database(settings.database_url)
    folder = tmp_path_factory.mktemp("full")
    settings = settings.model_copy(update={"database_url": url, "data_dir": folder})
    runner.upgrade(settings)
    with open_worker(settings) as app, services_of(app).at_work():
        owner, bucket_id = fill(settings, app)
        if url:
            analyse(settings)
        yield FullHouse(app, settings, owner, bucket_id)


def pages_of(house: FullHouse, path: str) -> Iterator[str]:
    """The first page, the second, and the first as the one before the second."""
    yield path
    following = json_of(house.owner.get(path))["next"]
    yield following
    yield json_of(house.owner.get(following))["previous"]


def statements_of_lists(house: FullHouse, path: str) -> list[Asked]:
    found: list[Asked] = []
    sorts, filters = (SORTS, FILTERS) if path == "/v1/buckets" else ([*SORTS, *SORTS_OF_ITEMS], FILTERS_OF_ITEMS)
    for sort, search, filtered in product(sorts, ("", "&q=0"), filters):
        for page in pages_of(house, f"{path}?limit=2&sort={sort}{search}{filtered}"):
            found += house.asked_by(house.owner, "GET", page)
    return found


def statements_of(house: FullHouse, route: Route) -> list[Asked]:
    """By somebody with a few things only; whoever reads has many."""
    if route.method == "GET":
        entry = json_of(house.owner.get("/v1/entries"))["entries"][0]
        item_id = entry["itemId"]
        photo_id = json_of(house.owner.get(f"/v1/items/{item_id}/photos"))["photos"][0]["id"]
        if route.rule.endswith(("original", "preview", "thumbnail")):
            photo_id = add_photo(house.owner.actor, item_id).id  # one with files
        ids = {"item_id": item_id, "entry_id": entry["id"], "photo_id": photo_id}
        path = replace(UNKNOWN, bucket_id=house.bucket_id, **ids).path(route)
        return house.asked_by(house.owner, "GET", path)
    person = make_person(house.app, f"{new_id()}@example.com")
    path, body = make_place(person).path(route), body_for(route, person)
    if body and "email" in body:
        body |= {"email": person.email if "login" in route.rule else f"{new_id()}@example.com"}
    return house.asked_by(person, route.method, path, body)


@pytest.mark.parametrize("path", LISTS)
def test_no_list_is_found_by_a_scan(house: FullHouse, path: str) -> None:
    asked = statements_of_lists(house, path.format(bucket=house.bucket_id))

    scanned = scanned_tables(house.settings, asked)

    assert len({one.statement.sql for one in asked}) >= len(SORTS) * 5
    assert {(table, sql) for table, sql in scanned if table in metadata.tables} == set()


def statements_of_stories(house: FullHouse) -> list[Asked]:
    """Of the journal, and of the entries of one item."""
    item_id = json_of(house.owner.get("/v1/entries"))["entries"][0]["itemId"]
    paths = [f"/v1/items/{item_id}/entries?limit=2", "/v1/entries?limit=2"]
    paths += [f"/v1/entries?limit=2{filters}" for filters in JOURNAL if "true" not in filters]
    asked = [
        one for path in paths for page in pages_of(house, path) for one in house.asked_by(house.owner, "GET", page)
    ]
    return asked + house.asked_by(house.owner, "GET", f"/v1/entries?limit=2{JOURNAL[0]}")


def test_no_list_of_entries_is_found_by_a_scan_or_sorted_unless_it_is_filtered(house: FullHouse) -> None:
    asked = statements_of_stories(house)

    assert {table for table, _ in scanned_tables(house.settings, asked)} & set(metadata.tables) == set()
    assert counted_from_rows(house.settings, asked[:6]) == set()


@pytest.mark.parametrize("of", ["items", "entries"])
def test_the_photos_of_one_thing_are_counted_and_listed_from_an_index(house: FullHouse, of: str) -> None:
    entry = json_of(house.owner.get("/v1/entries"))["entries"][0]
    asked = house.asked_by(house.owner, "GET", f"/v1/{of}/{entry['itemId' if of == 'items' else 'id']}/photos")

    assert {table for table, _ in scanned_tables(house.settings, asked)} & set(metadata.tables) == set()
    assert counted_from_rows(house.settings, asked) == set()


@pytest.mark.parametrize("path", COUNTED)
def test_a_list_is_counted_from_an_index_alone(house: FullHouse, path: str) -> None:
    """Who owns a thing, where it is and whether it is done stand in the index, so no row is looked at."""
    asked = house.asked_by(house.owner, "GET", path.format(bucket=house.bucket_id))

    assert counted_from_rows(house.settings, asked) == set()


def test_a_count_that_looks_at_rows_would_be_seen(house: FullHouse) -> None:
    """As of versions, which stand in the rows only."""
    asked = house.asked_by(house.owner, "GET", "/v1/items")[0]
    of_rows = asked.statement.sql.replace("WHERE items.user_id", "WHERE items.version > 0 AND items.user_id")

    looks = Asked(replace(asked.statement, sql=of_rows), asked.values)

    assert len(counted_from_rows(house.settings, [looks])) == 1


def test_sqlite_neither_materialises_nor_sorts_a_page_that_an_index_gives(house: FullHouse) -> None:
    if house.settings.database_url:
        pytest.skip("in PostgreSQL a page is a subquery, which costs it nothing")
    path = f"/v1/buckets/{house.bucket_id}/items?limit=2"
    asked = house.asked_by(house.owner, "GET", path)
    asked += house.asked_by(house.owner, "GET", json_of(house.owner.get(path))["next"])

    steps = [what for one in asked for *_, what in steps_of_sqlite(house.settings, one)]

    assert [what for what in steps if "MATERIALIZE" in what or "TEMP B-TREE" in what] == []


@pytest.mark.parametrize("path", LISTS)
def test_a_search_reads_the_texts_once_for_the_page_and_the_count(house: FullHouse, path: str) -> None:
    asked = house.asked_by(house.owner, "GET", f"{path.format(bucket=house.bucket_id)}?q=0")

    assert [one.statement.sql.count("description_folded") for one in asked] == [1]
    assert counted_from_rows(house.settings, asked) == set()


def test_a_page_of_the_feed_is_looked_up_by_key_where_one_person_has_all(settings: Settings) -> None:
    """A plan that is made for any values takes a tenth of somebody's rows for a page, unless it is told better."""
    if not settings.database_url:
        pytest.skip("SQLite joins row by row")
    url = databases.create_database(settings.database_url)
    settings = settings.model_copy(update={"database_url": url})
    runner.upgrade(settings)
    with open_worker(settings) as app, services_of(app).at_work():
        owner = make_person(app, "one@example.com")
        shelf = bucket_rows(owner.id, 1)
        insert_rows(settings, buckets, shelf)
        insert_rows(settings, items, item_rows(owner.id, shelf[0]["id"], 50_000))
        analyse(settings)
        asked = FullHouse(app, settings, owner, shelf[0]["id"]).asked_by(owner, "GET", "/v1/changes")

    assert "items" not in joined_by_scans(url, asked)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_no_route_scans_a_table(house: FullHouse, route: Route) -> None:
    asked = statements_of(house, route)

    scanned = scanned_tables(house.settings, asked)

    assert {(table, sql) for table, sql in scanned if table in metadata.tables} == set()


def test_sqlite_scans_nothing_either_when_it_has_counted_its_rows(house: FullHouse) -> None:
    analyse(house.settings)

    asked = [one for path in LISTS for one in statements_of_lists(house, path.format(bucket=house.bucket_id))]

    assert {table for table, _ in scanned_tables(house.settings, asked)} & set(metadata.tables) == set()


def test_a_scan_would_be_seen(house: FullHouse) -> None:
    asked = house.asked_by(house.owner, "GET", "/v1/items")[0]
    everybodys = asked.statement.sql.replace("items.user_id =", "items.id <>")

    scan = Asked(replace(asked.statement, sql=everybodys), asked.values)

    assert "items" in {table for table, _ in scanned_tables(house.settings, [scan])}

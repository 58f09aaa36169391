"""Entries go with their item: moved, deleted and purged in batches; their bytes and their number are bounded."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.entries import quotas
from bucketlist.kit.db import pruning
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits import quotas as limit_quotas
from bucketlist.limits import storage
from bucketlist.limits.quotas import Quota
from bucketlist.models import buckets, entries, items, tombstones
from bucketlist.ops import pruning as ops_pruning
from bucketlist.purging import queries as purge_queries
from bucketlist.purging.queries import Purged
from tests.bulk import entry_rows, insert_rows, item_rows
from tests.fault_injection import count_statements, failing_at, killed_at
from tests.people import Person
from tests.raw_database import open_database
from tests.responses import code_of, json_of
from tests.rows import all_rows, count_rows

BATCH = 10
State = tuple[list[int], list[str]]  # how many there are in lists and in the trash, and what is wrong
LONG = "x" * 2_000  # with its folded copy, more than what does not count


@pytest.fixture
def item(ada: Person) -> dict[str, Any]:
    return ada.make_item(ada.make_bucket()["id"])


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", BATCH)


def fill(settings: Settings, ada: Person, item: dict[str, Any], count: int) -> None:
    """So many entries, the last of which is long and completes it."""
    row = {"user_id": ada.id, "id": item["id"]}
    insert_rows(settings, entries, entry_rows([row], count - 1))
    ada.make_entry(item["id"], story=LONG)


def test_what_is_moved_keeps_its_story(ada: Person, item: dict[str, Any]) -> None:
    entry, there = ada.make_entry(item["id"], title="Kept"), ada.make_bucket()["id"]

    ada.patch(f"/v1/items/{item['id']}", {"bucketId": there})
    ada.delete(f"/v1/buckets/{item['bucketId']}")

    assert json_of(ada.get(f"/v1/items/{item['id']}/entries"))["entries"] == [entry]


def test_the_journal_has_what_is_archived_as_well(ada: Person, item: dict[str, Any]) -> None:
    ada.make_entry(item["id"])

    ada.patch(f"/v1/buckets/{item['bucketId']}", {"archived": True})

    assert json_of(ada.get("/v1/entries"))["count"] == 1


@pytest.mark.parametrize("of", ["item", "bucket"])
@pytest.mark.parametrize("count", [1, BATCH, BATCH + 1, 3 * BATCH])
@pytest.mark.usefixtures("small_batches")
def test_what_is_deleted_takes_its_entries_along(
    settings: Settings, ada: Person, ben: Person, item: dict[str, Any], of: str, count: int
) -> None:
    fill(settings, ada, item, count)
    kept = ada.make_item(ada.make_bucket()["id"])
    story, his = ada.make_entry(kept["id"]), ben.make_entry(ben.make_item(ben.make_bucket()["id"])["id"])
    path = f"/v1/items/{item['id']}" if of == "item" else f"/v1/buckets/{item['bucketId']}"

    assert [ada.delete(one).status_code for one in (path, "/v1/trash")] == [204, 204]

    assert (count_rows(entries), count_rows(tombstones)) == (2, 1)  # whose history is to go
    assert (count_rows(items), count_rows(buckets)) == (2, 3 if of == "item" else 2)
    assert [one["id"] for one in json_of(ada.get("/v1/entries"))["entries"]] == [story["id"]]
    assert ben.get(f"/v1/entries/{his['id']}").get_json() == his
    assert find_problems(settings) == []


@pytest.mark.threat(row=53)
@pytest.mark.usefixtures("small_batches")
def test_wherever_it_is_killed_an_item_is_whole_or_gone_and_pruning_leaves_nothing(
    settings: Settings, app: ApiApp, ada: Person, item: dict[str, Any]
) -> None:
    fill(settings, ada, item, 2 * BATCH + 1)
    ada.delete(f"/v1/items/{item['id']}")
    count = count_statements(app, lambda: ada.delete("/v1/trash"))
    seen: list[State] = []
    for number in (*range(1, count, 4), count):
        one = ada.make_item(item["bucketId"])
        fill(settings, ada, one, 2 * BATCH + 1)
        ada.delete(f"/v1/items/{one['id']}")
        with killed_at(app, number):
            ada.delete("/v1/trash")
        told = [json_of(ada.get(path))["count"] for path in ("/v1/entries", "/v1/items", "/v1/trash")]
        seen.append((told, find_problems(settings)))
        ada.delete("/v1/trash")
        ops_pruning.prune()
        assert (count_rows(items), count_rows(entries), count_rows(buckets)) == (0, 0, 1)

    whole: State = ([0, 0, 1], [])
    gone: State = ([0, 0, 0], [])
    assert seen == [whole] * seen.count(whole) + [gone] * seen.count(gone)
    assert whole in seen
    assert gone in seen


@pytest.mark.threat(row=53)
@pytest.mark.usefixtures("small_batches")
def test_no_batch_has_more_rows_than_it_may(
    settings: Settings, ada: Person, item: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = item_rows(ada.id, item["bucketId"], 2 * BATCH)
    insert_rows(settings, items, others)
    insert_rows(settings, entries, entry_rows(others[::2], 3))
    delete_some, left = purge_queries.delete_some_of_trash, [count_rows(items) + count_rows(entries)]

    def delete_and_look(user_id: str) -> Purged:
        purged = delete_some(user_id)
        left.append(count_rows(items) + count_rows(entries))
        return purged

    monkeypatch.setattr(purge_queries, "delete_some_of_trash", delete_and_look)
    ada.delete(f"/v1/buckets/{item['bucketId']}")
    ada.delete("/v1/trash")

    gone = [before - after for before, after in pairwise(left)]
    assert (max(gone), min(gone[:-1]), left[-1]) == (BATCH, BATCH, 0)


@pytest.mark.threat(row=53)
@pytest.mark.usefixtures("small_batches")
def test_entries_of_what_is_being_purged_are_there_for_nobody_and_their_ids_are_taken(
    settings: Settings, app: ApiApp, ada: Person, item: dict[str, Any]
) -> None:
    fill(settings, ada, item, 3 * BATCH)
    kept = ada.make_item(ada.make_bucket()["id"])["id"]
    ada.delete(f"/v1/items/{item['id']}")
    with failing_at(app, 12, Unavailable()):
        assert ada.delete("/v1/trash").status_code == 204
    assert count_rows(tombstones) == 1
    entry = next(row[1] for table, row in all_rows() if table is entries)

    path = f"/v1/entries/{entry}"
    asked = [ada.get(path), ada.put(path, {}), ada.patch(path, {"title": "x"}), ada.delete(path)]
    asked += [ada.post(f"/v1/items/{item['id']}/entries", {"completes": completes}) for completes in (True, False)]
    asked += [ada.get(f"/v1/items/{item['id']}/entries"), ada.patch(f"/v1/items/{item['id']}", {"name": "x"})]

    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert json_of(ada.get("/v1/entries"))["count"] == json_of(ada.get("/v1/entries?q=green"))["count"] == 0
    assert code_of(ada.post(f"/v1/items/{kept}/entries", {"id": entry})) == (409, "id_taken")
    ops_pruning.prune()
    assert ada.post(f"/v1/items/{kept}/entries", {"id": entry}).status_code == 201
    assert find_problems(settings) == []


@pytest.mark.threat(row=52)
def test_a_story_counts_towards_the_storage_of_an_account_whoever_writes_it(
    settings: Settings, ada: Person, item: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_BYTES", 10_000)
    path, bucket = f"/v1/items/{item['id']}/entries", f"/v1/buckets/{item['bucketId']}/items"
    words = {"story": LONG, "people": ["Håkon"], "place": "Tromsø", "title": "x"}
    first = f"/v1/entries/{ada.make_entry(item['id'], **words)['id']}"

    refused = [ada.post(path, {"story": LONG * 2}), ada.patch(first, {"story": LONG * 3})]
    refused.append(ada.post(bucket, {"name": "x", "entry": {"story": LONG * 2}}))
    shrunk, then = ada.patch(first, {"story": LONG, "completes": False}), ada.post(path, {"story": LONG})

    assert [code_of(answer) for answer in refused] == [(409, "storage_full")] * 3
    assert (shrunk.status_code, then.status_code, find_problems(settings)) == (200, 201, [])
    assert ada.delete(first).status_code == 204
    assert ada.delete(f"/v1/items/{item['id']}").status_code == 204
    assert find_problems(settings) == []
    assert code_of(ada.post(bucket, {"name": "x", "entry": {"story": LONG * 2}})) == (409, "storage_full")
    assert ada.delete("/v1/trash").status_code == 204
    assert find_problems(settings) == []
    assert ada.post(bucket, {"name": "x", "entry": {"story": LONG * 2}}).status_code == 201


@pytest.mark.threat(row=52)
@pytest.mark.parametrize("completes", [True, False])
def test_an_account_holds_so_many_entries_and_no_more(
    ada: Person, ben: Person, item: dict[str, Any], monkeypatch: pytest.MonkeyPatch, completes: bool
) -> None:
    monkeypatch.setattr(quotas, "ENTRIES", Quota(2))
    monkeypatch.setattr(limit_quotas, "CHECK_EVERY", 1)
    path, bucket = f"/v1/items/{item['id']}/entries", f"/v1/buckets/{item['bucketId']}/items"
    his = ben.make_item(ben.make_bucket()["id"])["id"]

    answers = [ada.post(path, {"completes": completes}) for _ in range(3)]
    answers.append(ada.post(bucket, {"name": "x", "entry": {"completes": completes}}))

    assert [answer.status_code for answer in answers] == [201, 201, 409, 409]
    assert [code_of(answer) for answer in answers[2:]] == [(409, "limit_reached")] * 2
    assert (json_of(ada.get(bucket))["count"], json_of(ada.get(path))["count"]) == (1, 2)
    assert json_of(ada.get(f"/v1/items/{item['id']}"))["timesDone"] == 2 * completes
    assert ben.post(f"/v1/items/{his}/entries", {}).status_code == 201


@pytest.mark.parametrize(("method", "count"), [("POST", 4), ("PATCH", 5), ("DELETE", 5)])
def test_what_fails_in_between_is_neither_written_nor_counted(
    settings: Settings, app: ApiApp, ada: Person, item: dict[str, Any], method: str, count: int
) -> None:
    entry = ada.make_entry(item["id"], story=LONG)
    path = f"/v1/items/{item['id']}/entries" if method == "POST" else f"/v1/entries/{entry['id']}"
    body = None if method == "DELETE" else {"story": LONG * 2, "completes": method == "POST"}
    before = [json_of(ada.get(one)) for one in (f"/v1/items/{item['id']}", "/v1/entries")]

    for number in range(1, count + 1):
        with failing_at(app, number, Unavailable()):
            assert ada.ask(method, path, body).status_code == 503

    assert [json_of(ada.get(one)) for one in (f"/v1/items/{item['id']}", "/v1/entries")] == before
    assert find_problems(settings) == []
    assert ada.ask(method, path, body).status_code < 300
    assert find_problems(settings) == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE items SET times_done = 7", "Items whose times_done is not how many entries complete them: 1."),
        ("UPDATE entries SET completes = 0", "Items whose times_done is not how many entries complete them: 1."),
        ("UPDATE entries SET people_folded = 'nora'", "people_folded is not the folded copy of people: 1."),
        ("UPDATE entries SET date_rank = date_rank + 1", "date_rank is not that of date: 1."),
    ],
)
def test_verify_sees_an_entry_that_is_not_what_it_should_be(
    settings: Settings, ada: Person, item: dict[str, Any], sql: str, told: str
) -> None:
    ada.make_entry(item["id"], people=["Nora"], date="2026")

    with open_database(settings) as connection:
        connection.execute(text(sql))

    assert [problem for problem in find_problems(settings) if not problem.endswith(told)] == []
    assert len(find_problems(settings)) == 1

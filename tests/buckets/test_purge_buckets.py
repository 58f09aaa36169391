"""R8, R2: purge of a bucket of any size, once the trash is emptied: gone at once with its items, rows go in batches."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit.db import pruning
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import buckets, items, tombstones
from bucketlist.ops import pruning as ops_pruning
from bucketlist.purging import service as purging
from bucketlist.purging.tombstones import Tombstone
from tests.bulk import insert_rows, item_rows
from tests.fault_injection import count_statements, killed_at
from tests.people import Person
from tests.responses import json_of
from tests.rows import all_rows, count_rows

BATCH = 10
COUNT = 3 * BATCH + 1
State = tuple[list[int], list[str]]  # how many items what is in the trash has, and what is wrong
LONG = "a" * 2000  # with its folded copy, more than what does not count


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", BATCH)


@pytest.fixture
def large(settings: Settings, ada: Person) -> dict[str, Any]:
    return make_large(settings, ada)


def make_large(settings: Settings, ada: Person) -> dict[str, Any]:
    """A bucket with more than a batch of items, the last of which is long and has a tag."""
    bucket = ada.make_bucket("Large", description=LONG)
    insert_rows(settings, items, item_rows(ada.id, bucket["id"], COUNT - 1))
    ada.make_item(bucket["id"], "Long", description=LONG, tags=["gone"])
    return bucket


@pytest.fixture
def going(app: ApiApp, ada: Person, large: dict[str, Any]) -> dict[str, Any]:
    """One that Ada deleted for good, when the process was killed: at the first statement after that was committed."""
    ada.delete(f"/v1/buckets/{large['id']}")
    with killed_at(app, 9):
        ada.delete("/v1/trash")
    assert (count_rows(buckets), count_rows(tombstones)) == (1, 1)
    return large


@pytest.mark.threat(row=53)
def test_r2_no_transaction_deletes_more_than_a_batch_and_others_write_after_each(
    ada: Person, ben: Person, large: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    purge_some, left, statuses = purging._purge_some, [], []
    with ThreadPoolExecutor(1) as elsewhere:

        def look_and_let_ben_write(stone: Tombstone) -> bool:
            left.append(count_rows(items))
            statuses.append(elsewhere.submit(ben.post, "/v1/buckets", {"name": "Mine"}).result().status_code)
            return purge_some(stone)

        monkeypatch.setattr(purging, "_purge_some", look_and_let_ben_write)
        ada.delete(f"/v1/buckets/{large['id']}")
        ada.delete("/v1/trash")

    assert left == list(range(COUNT - BATCH, 0, -BATCH))
    assert statuses == [201] * len(left)
    assert (count_rows(items), count_rows(tombstones)) == (0, 1)  # whose history is to go


@pytest.mark.threat(row=53)
def test_r8_wherever_it_is_killed_the_bucket_is_whole_or_gone_and_pruning_leaves_nothing(
    settings: Settings, app: ApiApp, ada: Person
) -> None:
    first, kept = make_large(settings, ada), ada.make_item(ada.make_bucket("Kept")["id"])
    states: list[State] = []
    ada.delete(f"/v1/buckets/{first['id']}")
    count = count_statements(app, lambda: ada.delete("/v1/trash"))
    for number in (*range(1, count, 4), count):
        ada.delete(f"/v1/buckets/{make_large(settings, ada)['id']}")
        with killed_at(app, number):
            ada.delete("/v1/trash")
        rows = json_of(ada.get("/v1/trash"))["trash"]
        states.append(([row["itemCount"] for row in rows], find_problems(settings)))
        assert json_of(ada.get("/v1/items"))["count"] == 1
        ada.delete("/v1/trash")
        ops_pruning.prune()
        assert [row[1] for table, row in all_rows() if table is items] == [kept["id"]]
        assert find_problems(settings) == []

    assert states == [WHOLE] * states.count(WHOLE) + [GONE] * states.count(GONE)
    assert WHOLE in states
    assert GONE in states


WHOLE: State = ([COUNT], [])
GONE: State = ([], [])


@pytest.mark.threat(row=53)
def test_r8_a_bucket_that_is_being_purged_is_there_for_nobody(ada: Person, going: dict[str, Any]) -> None:
    path, kept = f"/v1/buckets/{going['id']}", ada.make_bucket("Kept")
    item = next(row[1] for table, row in all_rows() if table is items)

    asked = [ada.get(path), ada.get(f"{path}/items"), ada.get(f"/v1/items/{item}"), ada.delete(path)]
    asked += [ada.patch(path, {"name": "x"}), ada.put(path, {"name": "x"}), ada.post(f"{path}/items", {"name": "x"})]
    asked += [ada.patch(f"/v1/items/{item}", {"name": "x"}), ada.delete(f"/v1/items/{item}")]
    asked += [ada.patch("/v1/tags/gone", {"name": "x"}), ada.delete("/v1/tags/gone")]

    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert json_of(ada.get("/v1/buckets"))["buckets"] == [kept]
    lists = [json_of(ada.get(f"/v1/items{query}")) for query in ("", "?q=item", "?sort=-name")]
    assert [(page["items"], page["count"]) for page in lists] == [([], 0)] * 3


@pytest.mark.threat(row=53)
def test_r8_nothing_moves_into_a_bucket_that_is_being_purged(ada: Person, going: dict[str, Any]) -> None:
    item = ada.make_item(ada.make_bucket("Kept")["id"])

    moved = ada.patch(f"/v1/items/{item['id']}", {"bucketId": going["id"]})

    assert moved.status_code == 422
    assert ada.get(f"/v1/items/{item['id']}").get_json() == item


@pytest.mark.threat(row=53)
def test_r8_an_id_is_taken_until_its_row_is_gone(ada: Person, going: dict[str, Any]) -> None:
    item = next(row[1] for table, row in all_rows() if table is items)
    kept = ada.make_bucket("Kept")["id"]
    wanted = [
        ("/v1/buckets", {"name": "Again", "id": going["id"]}),
        (f"/v1/buckets/{kept}/items", {"name": "x", "id": item}),
    ]
    assert [ada.post(*one).get_json()["code"] for one in wanted] == ["id_taken"] * 2

    ops_pruning.prune()

    assert [ada.post(*one).status_code for one in wanted] == [201] * 2


@pytest.mark.threat(row=53)
def test_r8_a_late_purge_leaves_a_new_bucket_of_the_same_id_alone(ada: Person, going: dict[str, Any]) -> None:
    stone = next(Tombstone(*row) for table, row in all_rows() if table is tombstones)
    ops_pruning.prune()
    again = ada.make_bucket("Again", id=going["id"])

    purging.purge(stone)

    assert ada.get(f"/v1/buckets/{again['id']}").get_json() == again


@pytest.mark.threat(row=53)
def test_r8_what_is_purged_of_adas_is_nothing_of_bens(ada: Person, ben: Person, going: dict[str, Any]) -> None:
    his = ben.make_bucket("His", id=going["id"])
    item = ben.make_item(his["id"])

    assert ben.get(f"/v1/items/{item['id']}").get_json() == item
    ops_pruning.prune()

    assert ben.get(f"/v1/items/{item['id']}").get_json() == item
    assert json_of(ben.get(f"/v1/buckets/{his['id']}"))["itemCount"] == 1


@pytest.mark.threat(row=53)
def test_r8_an_account_that_leaves_takes_along_a_bucket_that_is_being_purged(
    ada: Person, going: dict[str, Any]
) -> None:
    assert going["id"]
    assert ada.delete("/v1/users/me", {"password": ada.password}).status_code == 204

    assert list(all_rows()) == []

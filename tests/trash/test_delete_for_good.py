"""Trash that is emptied: by hand, by itself after 30 days; it leaves nothing but its rows of the log."""

import pytest
from sqlalchemy import update

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.models import buckets, changes, entries, files, items, trash, users
from bucketlist.ops.pruning import prune
from bucketlist.purging import queries as purge_queries
from tests.people import Person
from tests.raw_database import open_database
from tests.rows import count_rows
from tests.trash.life import Life, files_of, restore, trash_of

THINGS = ["bucket", "item", "entry", "photo"]


@pytest.mark.parametrize("kind", THINGS)
def test_what_is_deleted_for_good_leaves_only_its_log(settings: Settings, life: Life, kind: str) -> None:
    ada = life.person
    (trash_id,) = life.delete(kind)

    answer = ada.delete(f"/v1/trash/{trash_id}")

    left = {"bucket": [0, 0, 0, 0], "item": [1, 1, 0, 0], "entry": [1, 2, 0, 1], "photo": [1, 2, 1, 0]}[kind]
    assert (answer.status_code, [count_rows(table) for table in (buckets, items, entries, files)]) == (204, left)
    assert (trash_of(ada), count_rows(trash), find_problems(settings)) == ([], 0, [])
    assert [restore(ada, trash_id).status_code, ada.delete(f"/v1/trash/{trash_id}").status_code] == [404, 404]
    assert count_rows(changes) > 0


def test_what_was_deleted_in_something_before_goes_for_good_with_it(settings: Settings, life: Life) -> None:
    ada = life.person
    other = ada.make_bucket()["id"]
    ada.delete(f"/v1/buckets/{other}")
    kept = trash_of(ada)
    photo, entry, item, bucket = life.delete("photo", "entry", "item", "bucket")

    ada.delete(f"/v1/trash/{bucket}")

    assert [restore(ada, one).status_code for one in (photo, entry, item)] == [404] * 3
    assert (trash_of(ada), find_problems(settings)) == (kept, [])
    assert [count_rows(table) for table in (buckets, items, entries, files)] == [1, 0, 0, 0]


def age(settings: Settings, trash_id: str, days: int) -> None:
    """As if it had been deleted so many days ago."""
    deleted_at = clock.text_from_now(days=-days)
    with open_database(settings) as connection:
        connection.execute(update(trash).where(trash.c.id == trash_id).values(deleted_at=deleted_at))


@pytest.mark.parametrize("kind", THINGS)
def test_what_has_lain_in_the_trash_for_30_days_is_pruned_and_nothing_else(
    settings: Settings, life: Life, ben: Person, kind: str
) -> None:
    ada, his = life.person, ben.make_bucket()["id"]
    kept = ada.make_bucket()["id"]
    for person, bucket in ((ben, his), (ada, kept)):
        person.delete(f"/v1/buckets/{bucket}")
    (trash_id,) = life.delete(kind)
    age(settings, trash_id, 31)
    age(settings, trash_of(ben)[0]["id"], 29)

    prune()

    assert [[row["thingId"] for row in trash_of(person)] for person in (ada, ben)] == [[kept], [his]]
    assert restore(ada, trash_id).status_code == 404
    assert (find_problems(settings), len(files_of(ada))) == ([], 3 if kind == "entry" else 0)


def test_what_was_deleted_last_in_something_old_goes_with_it(settings: Settings, life: Life) -> None:
    _, bucket = life.delete("entry", "bucket")
    age(settings, bucket, 31)

    prune()

    assert (trash_of(life.person), count_rows(trash), count_rows(entries)) == ([], 0, 0)


def test_many_photos_go_a_few_at_a_time(settings: Settings, life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge_queries, "FILES_AT_ONCE", 2)
    ada = life.person
    photos = [ada.make_photo(life.item)["id"] for _ in range(4)]
    for photo in photos[:3]:
        ada.delete(f"/v1/photos/{photo}")
    life.delete("bucket")

    assert ada.delete("/v1/trash").status_code == 204

    assert [count_rows(table) for table in (files, entries, items, buckets, trash)] == [0] * 5
    assert files_of(ada) == []
    assert find_problems(settings) == []


def test_an_account_goes_with_its_trash_and_the_files_in_it(life: Life) -> None:
    ada = life.person
    life.delete("photo", "entry", "item", "bucket")

    assert ada.delete("/v1/users/me", {"password": ada.password}).status_code == 204

    assert [count_rows(table) for table in (files, entries, items, buckets, trash, changes, users)] == [0] * 7
    assert files_of(ada) == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE items SET trash_id = NULL", "Rows of trash without their item: 1."),
        ("UPDATE trash SET kind = 'entry'", "Rows of items that lie in the trash as something else: 1."),
    ],
)
def test_verify_sees_what_does_not_lie_where_it_should(settings: Settings, life: Life, sql: str, told: str) -> None:
    life.delete("item")

    with open_database(settings) as connection:
        connection.exec_driver_sql(sql)

    assert told in find_problems(settings)

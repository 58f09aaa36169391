"""Migration 0018 adds the trash: what is there stays, what was to be purged is, and a downgrade brings nothing back."""

from sqlalchemy import select, text

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.limits.storage import bytes_in
from bucketlist.migrations import runner
from bucketlist.models import buckets, entries, files, items, metadata
from bucketlist.purging.service import purge_all
from bucketlist.services import services_of
from tests.migrations.conftest import empty_trash
from tests.raw_database import open_database, read_all_tables
from tests.workers import open_worker

BEFORE = "0017"
THINGS = (buckets, items, entries, files)
OLD = {table.name: [column.name for column in table.c if column.name != "trash_id"] for table in THINGS}
LONG = "x" * 5_000


def counts(settings: Settings) -> dict[str, int]:
    return {name: len(rows) for name, rows in read_all_tables(settings).items()}


def test_what_is_there_stays_as_it_was_on_the_way_down_and_up_again(filled: Settings) -> None:
    empty_trash(filled)
    before = read_all_tables(filled, OLD)
    runner.downgrade(filled, BEFORE)
    between = read_all_tables(filled, OLD)

    runner.upgrade(filled)

    assert read_all_tables(filled, OLD) == between == before
    assert min(len(rows) for rows in before.values()) > 0
    assert find_problems(filled) == []


def test_what_was_to_be_purged_is_hidden_and_purged_after_the_upgrade(filled: Settings) -> None:
    empty_trash(filled)
    runner.downgrade(filled, BEFORE)
    with open_database(filled) as connection:
        user, bucket = connection.execute(text("SELECT user_id, bucket_id FROM items LIMIT 1")).one()
        stone = {"user": user, "id": bucket}
        connection.execute(text("INSERT INTO tombstones (user_id, kind, id) VALUES (:user, 'bucket', :id)"), stone)
    before = counts(filled)

    runner.upgrade(filled)

    assert find_problems(filled) == []
    assert counts(filled) == {**before, "trash": 1, "tombstones": before["tombstones"]}
    with open_worker(filled) as app, services_of(app).at_work():
        purge_all()
    assert counts(filled)["buckets"] == before["buckets"] - 1
    assert counts(filled)["items"] < before["items"]
    assert find_problems(filled) == []


def test_what_lies_in_the_trash_goes_on_the_way_down_and_counts_no_more(filled: Settings) -> None:
    with open_database(filled) as connection:
        user, bucket = connection.execute(text("SELECT user_id, bucket_id FROM items LIMIT 1")).one()
        connection.execute(text("UPDATE items SET description = :long, description_folded = :long"), {"long": LONG})
        for owner, size in connection.execute(select(items.c.user_id, bytes_in(items))).all():
            added = {"size": size, "user": owner}
            connection.execute(text("UPDATE users SET text_bytes = text_bytes + :size WHERE id = :user"), added)
        lies = {"user": user, "bucket": bucket, "now": "2026-12-01T00:00:00.000Z"}
        connection.execute(text("INSERT INTO trash VALUES (:user, :bucket, 'bucket', :bucket, :now, 0)"), lies)
        connection.execute(text("UPDATE buckets SET trash_id = id WHERE id = :bucket"), lies)
    sound, before = find_problems(filled), counts(filled)

    lost = runner.rehearse_downgrade(filled, BEFORE)
    runner.downgrade(filled, BEFORE)
    runner.upgrade(filled)

    after = counts(filled)
    assert (sound, find_problems(filled)) == ([], [])
    assert "trash (2 rows)" in lost
    assert (after["trash"], after["buckets"]) == (0, before["buckets"] - 2)
    assert after["items"] < before["items"]
    assert after.keys() == {*metadata.tables, "alembic_version"}

"""Migration 0014 adds entries: items stay what they were, and a downgrade loses stories and gives their room back."""

from sqlalchemy import select, text

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.limits.storage import bytes_in
from bucketlist.migrations import runner
from bucketlist.models import entries, items
from tests.raw_database import open_database, read_all_tables

BEFORE = "0013"
OLD = [column.name for column in items.c if column.name != "times_done"]
LONG = "x" * 5_000
LENGTHEN = "UPDATE entries SET story = :long, story_folded = :long"
COUNT = "UPDATE users SET text_bytes = text_bytes + :size WHERE id = :user"


def lengthen(settings: Settings) -> None:
    """All stories, and counted as they should be."""
    with open_database(settings) as connection:
        connection.execute(text(LENGTHEN), {"long": LONG})
        for user, size in connection.execute(select(entries.c.user_id, bytes_in(entries))).all():
            connection.execute(text(COUNT), {"size": size, "user": user})


def rows_of(settings: Settings, *names: str) -> list[tuple[object, ...]]:
    """What items have in these columns."""
    return read_all_tables(settings, {"items": names, "buckets": ["id"], "users": ["id"]})["items"]


def test_items_stay_what_they_were_and_were_never_done(filled: Settings) -> None:
    before = rows_of(filled, *OLD)
    runner.downgrade(filled, BEFORE)

    runner.upgrade(filled)

    assert rows_of(filled, *OLD) == before
    assert set(rows_of(filled, "times_done")) == {("0",)}
    assert read_all_tables(filled)["entries"] == []
    assert find_problems(filled) == []


def test_a_downgrade_tells_what_it_loses_and_counts_it_no_more(filled: Settings) -> None:
    lengthen(filled)
    sound, stories = find_problems(filled), len(read_all_tables(filled)["entries"])

    lost = runner.rehearse_downgrade(filled, BEFORE)
    runner.downgrade(filled, BEFORE)

    assert (sound, stories > 0) == ([], True)
    assert {f"entries ({stories} rows)", "items.times_done (in 24 rows)"} <= set(lost)
    assert set(read_all_tables(filled, {"users": ["text_bytes"]})["users"]) == {("0",)}

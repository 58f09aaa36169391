"""Migrations 0011 to 0013 add the life list: items stay what they were, and a downgrade gives room back."""

from collections.abc import Collection

from sqlalchemy import select, text

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.limits.storage import bytes_in
from bucketlist.migrations import runner
from bucketlist.models import items
from tests.raw_database import open_database, read_all_tables

BEFORE = "0010"
ADDED = {"dropped_reason": None, "target": None, "times": 1, "place": None, "tags": None, "steps": None, "links": None}
ADDED |= {"times_done": 0}
OLD = [column.name for column in items.c if column.name not in {*ADDED, "target_first", "target_rank"}]
LONG, SUMMER = "x" * 1_500, FuzzyDate.parse("2031-22")
FILL = (
    "UPDATE items SET state = 'dropped', dropped_reason = :long, steps = :steps,"
    " target = :target, target_first = :first, target_rank = :rank"
)
COUNT = "UPDATE users SET text_bytes = :size WHERE id = :user"


def fill(settings: Settings) -> None:
    """Every item, and counted as it should be."""
    with open_database(settings) as connection:
        steps = f'["{LONG}"]'
        summer = {"target": SUMMER.text, "first": SUMMER.first, "rank": SUMMER.rank}
        connection.execute(text(FILL), {"long": LONG, "steps": steps, **summer})
        sizes: dict[str, int] = {}
        for user, size in connection.execute(select(items.c.user_id, bytes_in(items))):
            sizes[user] = sizes.get(user, 0) + size
        for user, size in sizes.items():
            connection.execute(text(COUNT), {"size": size, "user": user})


def values_of(settings: Settings, names: Collection[str]) -> list[tuple[object, ...]]:
    """What items have in these columns."""
    return read_all_tables(settings, {"items": names, "buckets": ["id"], "users": ["id"]})["items"]


def test_items_stay_what_they_were_and_are_to_be_done_once(filled: Settings) -> None:
    before = values_of(filled, OLD)
    runner.downgrade(filled, BEFORE)

    runner.upgrade(filled)

    assert values_of(filled, OLD) == before
    added = set(values_of(filled, list(ADDED)))
    assert added == {tuple(str(value) for value in ADDED.values())}
    assert find_problems(filled) == []


def test_a_downgrade_tells_what_it_loses_and_counts_it_no_more(filled: Settings) -> None:
    fill(filled)
    sound = find_problems(filled)

    lost = runner.rehearse_downgrade(filled, BEFORE)
    runner.downgrade(filled, BEFORE)

    assert sound == []
    assert {"items.dropped_reason (in 24 rows)", "items.target (in 24 rows)"} <= set(lost)
    assert "items.tags" in str(lost)
    assert set(read_all_tables(filled, {"users": ["text_bytes"]})["users"]) == {("0",)}

"""R8: migration 0009: what was deleted and is still to be purged does not come back when the schema goes below it."""

import pytest
from sqlalchemy import text

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.ids import new_id
from bucketlist.limits.storage import COUNTED_ABOVE
from bucketlist.migrations import runner
from bucketlist.models import buckets, email_addresses, items, users
from tests.bulk import bucket_rows, insert_rows, item_rows
from tests.raw_database import open_database, read_all_tables

LONG = "a" * COUNTED_ABOVE  # with its folded copy it counts twice
KEPT, GONE, LEAVING = ("kept", "gone", "left")  # names, of four letters each
EMPTIED = "INSERT INTO trash VALUES (:user, :bucket, 'bucket', :bucket, :now, 1)"
HELD = 2 * (len(LONG) + 4)  # bytes of an item


@pytest.fixture
def purging(settings: Settings) -> Settings:
    """Of Ada a bucket is to be purged, and another stays; Ben's account is to be purged. All items are long."""
    runner.upgrade(settings)
    ada, ben = new_id(), new_id()
    insert_rows(settings, users, [user_row(ada, "ada@example.com", 2 * HELD), user_row(ben, "", 0)])
    insert_rows(settings, email_addresses, [{"email_folded": "ada@example.com", "user_id": ada}])
    gone = [add_bucket(settings, user, name) for user, name in ((ada, KEPT), (ada, GONE), (ben, LEAVING))][1]
    stones = [(ada, "trash", ada), (ben, "account", ben)]
    lies = {"user": ada, "bucket": gone, "now": clock.now_text()}
    with open_database(settings) as connection:
        connection.execute(text(EMPTIED), lies)
        connection.execute(text("UPDATE buckets SET trash_id = id WHERE id = :bucket"), {"bucket": gone})
        for user, kind, one in stones:
            values = {"user": user, "kind": kind, "id": one}
            connection.execute(text("INSERT INTO tombstones (user_id, kind, id) VALUES (:user, :kind, :id)"), values)
    assert find_problems(settings) == []
    return settings


def user_row(user_id: str, email: str, text_bytes: int) -> dict[str, object]:
    now = clock.now_text()
    row = {"id": user_id, "email": email, "name": None, "password_hash": "", "version": 1, "created_at": now}
    more = {"email_confirmed_at": None, "text_bytes": text_bytes, "change_number": 0, "disabled_at": None}
    return {**row, "modified_at": now, **more}


def add_bucket(settings: Settings, user_id: str, name: str) -> str:
    """With a long item, which has its name."""
    (bucket,) = bucket_rows(user_id, 1)
    insert_rows(settings, buckets, [{**bucket, "name": name, "name_folded": name}])
    (item,) = item_rows(user_id, bucket["id"], 1)
    texts = {"name": name, "name_folded": name, "description": LONG, "description_folded": LONG}
    insert_rows(settings, items, [{**item, **texts}])
    found: str = bucket["id"]
    return found


def test_r8_what_was_deleted_stays_gone_on_the_way_down_and_up_again(purging: Settings) -> None:
    runner.downgrade(purging, "0008")

    left = read_all_tables(purging)
    assert [len(left[name]) for name in ("users", "buckets", "items")] == [1, 1, 1]
    assert KEPT in str(left["items"])
    runner.upgrade(purging)
    assert find_problems(purging) == []

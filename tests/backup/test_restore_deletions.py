"""R8: a backup that catches a deletion half done restores it as that: hidden, told, and brought to its end."""

from pathlib import Path
from typing import Any

import pytest

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit.db import pruning
from bucketlist.models import items
from bucketlist.purging import service as purging
from tests.authentication import bearer
from tests.backup.steps import command
from tests.backup.test_revive_nothing import client_of, sign_in
from tests.bulk import insert_rows, item_rows
from tests.migrations.conftest import ADA
from tests.raw_database import read_all_tables

BATCH = 10
ME = {"password": ADA["password"]}
Going = dict[str, Any]


@pytest.fixture(autouse=True)
def _slow_deletions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", BATCH)
    monkeypatch.setattr(purging, "SECONDS", 0.0)


@pytest.fixture(params=["trash", "account"])
def going(request: pytest.FixtureRequest, filled: Settings) -> Going:
    """What Ada has begun to delete, beside a bucket that stays: with the account, nothing of hers does."""
    with client_of(filled) as client:
        header = bearer(sign_in(client)["accessToken"])
        bucket, kept = (
            client.post("/v1/buckets", json={"name": name}, headers=header).get_json() for name in ("Large", "Kept")
        )
        insert_rows(filled, items, item_rows(_user_id(filled), bucket["id"], 3 * BATCH))
        if request.param == "trash":
            for path in (f"/v1/buckets/{bucket['id']}", "/v1/trash"):
                assert client.delete(path, headers=header).status_code == 204
        else:
            assert client.delete("/v1/users/me", json=ME, headers=header).status_code == 204
    return {"kind": request.param, "id": bucket["id"], "kept": kept["id"]}


def _user_id(settings: Settings) -> str:
    rows = read_all_tables(settings, of={"users": ["id", "email"]})["users"]
    return next(str(user_id) for user_id, email in rows if email == ADA["email"])


def statuses(settings: Settings, going: Going) -> list[int]:
    """Of Ada's log-in, of what was deleted, and of what was kept."""
    with client_of(settings) as client:
        session = client.post("/v1/auth/login", json={"email": ADA["email"], **ME})
        header = bearer(session.get_json().get("accessToken", ""))
        found = [client.get(f"/v1/buckets/{going[name]}", headers=header).status_code for name in ("id", "kept")]
    return [session.status_code, *found]


@pytest.mark.threat(row=53)
def test_r8_a_deletion_that_a_backup_caught_half_done_stays_hidden_and_comes_to_its_end(
    filled: Settings, empty: Settings, going: Going, tmp_path: Path
) -> None:
    command(filled, tmp_path, "backup", "all.zip")
    command(empty, tmp_path, "restore", "all.zip")
    expected = [200, 404, 200] if going["kind"] == "trash" else [401, 401, 401]
    assert [row for row in read_all_tables(empty)["tombstones"] if going["kind"] in row] != []
    before = statuses(empty, going)

    command(empty, tmp_path, "prune")

    left = read_all_tables(empty)
    assert (before, statuses(empty, going)) == (expected, expected)
    assert left["tombstones"] == []
    assert [row for row in left["items"] if going["id"] in row] == []
    assert find_problems(empty) == []


@pytest.mark.threat(row=53)
def test_r8_a_restore_tells_of_it_and_counts_what_is_there_afterwards(
    filled: Settings, empty: Settings, going: Going, tmp_path: Path
) -> None:
    command(filled, tmp_path, "backup", "all.zip")

    told = command(empty, tmp_path, "restore", "all.zip")

    there = read_all_tables(empty)
    counts = told.splitlines()[0].partition(": ")[2].rstrip(".").split(", ")
    assert {name: f"{len(there[name])}" for _, name in map(str.split, counts)} == {
        name: number for number, name in map(str.split, counts)
    }
    assert "sessions" not in told.splitlines()[0]
    assert f"not at their end then: {len(there['tombstones'])}." in told

"""Benchmark of backups: how long many items take, measured and printed, for the handbook.

`ITEMS=100000 pytest -s` takes more of them.
"""

import os
import time
from pathlib import Path

import pytest

from bucketlist.backup.backups import check_backup, make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from tests.backup.steps import add_items, content_of

ITEMS = int(os.environ.get("ITEMS", "5000"))

pytestmark = pytest.mark.slow


def test_many_items_are_backed_up_and_restored(
    filled: Settings, empty: Settings, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_items(filled, ITEMS)
    path = tmp_path / "all.zip"

    times = [time.perf_counter()]
    made = make_backup(filled, path)
    times.append(time.perf_counter())
    assert content_of(check_backup(path)) == content_of(made)
    times.append(time.perf_counter())
    restore_backup(empty, path, are_sessions_kept=True)
    times.append(time.perf_counter())
    assert find_problems(empty) == []
    times.append(time.perf_counter())

    with capsys.disabled():
        steps = zip(("backup", "verify the file", "restore", "verify the database"), times[1:], times, strict=False)
        told = ", ".join(f"{step} {end - begin:.1f} s" for step, end, begin in steps)
        print(f"\n{kind}, {ITEMS:,} items: {told}; {path.stat().st_size:,} bytes")  # noqa: T201  # what it is for

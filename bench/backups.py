"""Benchmark of backups: how long many items take, and whether all come back: `python -m bench.backups [ITEMS]`."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bucketlist.backup.backups import check_backup, make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings, load_settings
from bucketlist.migrations import runner
from tests import databases
from tests.backup.steps import add_items, content_of
from tests.migrations.conftest import fill


def measure(kind: str, filled: Settings, empty: Settings, path: Path, items: int) -> None:
    """Each step prints its seconds. Raises: `AssertionError` when a row differs."""
    runner.upgrade(filled)
    fill(filled)
    add_items(filled, items)
    times = [time.perf_counter()]
    made = make_backup(filled, path)
    times.append(time.perf_counter())
    assert content_of(check_backup(path)) == content_of(made)
    times.append(time.perf_counter())
    restore_backup(empty, path, are_sessions_kept=True)
    times.append(time.perf_counter())
    assert find_problems(empty) == []
    times.append(time.perf_counter())
    steps = zip(("backup", "verify the file", "restore", "verify the database"), times[1:], times, strict=False)
    told = ", ".join(f"{step} {end - begin:.1f} s" for step, end, begin in steps)
    assert content_of(make_backup(empty, path)) == content_of(made)
    sys.stdout.write(f"{kind}, {items:,} items: {told}; {path.stat().st_size:,} bytes\n")


def main(items: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(databases.postgres_server())
        for kind in ("SQLite", "PostgreSQL"):
            urls = [databases.create_database(server) if kind == "PostgreSQL" else "" for _ in range(2)]
            filled, empty = (
                load_settings(app_setting="testing", secret_key="a-key", database_url=url, data_dir=folder / name)
                for url, name in zip(urls, ("filled", "empty"), strict=True)
            )
            measure(kind, filled, empty, folder / "all.zip", items)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 100_000)

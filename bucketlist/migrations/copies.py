"""File copies of SQLite's database before a migration or a restore replaces it: verified, beside it, the last `KEPT`.

One is made by the backup API on a second connection while whoever moves the schema holds the write lock, so that it is
what the move begins with. It has its name once it was read and is safe on the disk; only then do older ones go.

Source: https://www.sqlite.org/backup.html, https://www.sqlite.org/isolation.html
"""

import filecmp
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from bucketlist.kit.clock import now_text
from bucketlist.kit.db.sqlite_file import open_file
from bucketlist.kit.files import open_private, sync_folder
from bucketlist.migrations.fitness import MigrationError

KEPT = 3
MIB = 1024 * 1024
ROOM_FACTOR = 2  # the copy, and as much for steps that alter a table by copying it
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


def keep_copy(path: Path, revision: str) -> Path:
    """A verified copy of the database at `path`, whose schema is at `revision`. Call it with the write lock held.

    Raises: `MigrationError` when there is no room or the database is damaged.
    """
    copy = path.with_name(f"{path.name}.at-{revision}-{now_text().translate({ord(sign): None for sign in '-:.'})}")
    with _told(copy), _partial(path.with_name(f"{path.name}.copying")) as partial:
        with closing(open_file(path)) as source:
            _refuse_without_room(path.parent, source)
            _write(source, partial)
        older = copies_of(path)
        partial.replace(copy)
        sync_folder(path.parent)
        _remove_older(copy, older)
        return copy


def copies_of(path: Path) -> list[Path]:
    """Every copy of the database at `path`, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}.at-*"), key=lambda copy: copy.name.rpartition("-")[2])


def _remove_older(copy: Path, older: list[Path]) -> None:
    """A start that fails again and again makes equal copies, which must not take the place of others."""
    wanted = f"{copy.name.rpartition('-')[0]}-"
    doubles = [path for path in older[-1:] if path.name.startswith(wanted) and filecmp.cmp(path, copy, shallow=False)]
    others = [path for path in older if path not in doubles]
    for path in [*doubles, *others[: -(KEPT - 1)]]:
        path.unlink()


def _refuse_without_room(folder: Path, source: sqlite3.Connection) -> None:
    (size,) = source.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    needed, free = ROOM_FACTOR * size, shutil.disk_usage(folder).free
    if free < needed:
        raise MigrationError(
            f"There is no room for a copy of the database as it is: {needed / MIB:.1f} MiB are needed in {folder}, "
            f"{free / MIB:.1f} MiB are free; make room, or do without the copy by --no-backup."
        )


def _write(source: sqlite3.Connection, partial: Path) -> None:
    """All pages in one step, so that they are of one moment; then they are read again."""
    os.close(open_private(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    with closing(sqlite3.connect(partial, isolation_level=None)) as target:
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, without a WAL beside it
        found = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise MigrationError(
                f"The database is damaged, and stays what it is: {found.rstrip('.')}; --no-backup makes no copy."
            )
        if _count(target) != _count(source):
            raise MigrationError("The copy of the database does not have all of its rows; nothing was changed.")
    with partial.open("rb+") as file:
        os.fsync(file.fileno())


def _count(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    names = [name for (name,) in connection.execute(TABLES)]
    return [(name, connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names]  # noqa: S608  # names of tables that are there


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A name that nobody uses, as the write lock is held; who was killed may have left something there."""
    leftovers = [path.with_name(path.name + ending) for ending in ("", "-journal", "-wal", "-shm")]
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    try:
        yield path
    finally:
        for leftover in leftovers:
            with suppress(OSError):
                leftover.unlink()


@contextmanager
def _told(copy: Path) -> Iterator[None]:
    """What the disk says is told in a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise MigrationError(
            f"{copy} cannot be made: {error}; the database stays what it is, and --no-backup makes no copy."
        ) from None
    except OSError as error:
        raise MigrationError(
            f"{copy} cannot be made: {error.strerror}; the database stays what it is, and --no-backup makes no copy."
        ) from None

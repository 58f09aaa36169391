"""Backup of the file storage, and its integrity check: what people uploaded, beside the rows that tell of it.

A row says how many bytes each form of a file has, and the SHA-256 of the original; both are compared wherever it is
read. Nothing is held in memory but a chunk.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, NamedTuple

from sqlalchemy import Connection, Table

from bucketlist.backup.archive import BROKEN, CHUNK_BYTES, Archive, ArchiveWriter, BackupError, Member
from bucketlist.backup.rows import read_rows
from bucketlist.kit.db.driver import Value
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.file_storage import FileKey, FileStorage

TABLE = "files"
SIZES = {"original": "bytes", "preview": "preview_bytes", "thumbnail": "thumbnail_bytes"}  # of each form: its column


class KeptFile(NamedTuple):
    """A form of a file as its row tells of it; `sha256` of the original only."""

    key: FileKey
    size: int
    sha256: str | None


def forms_of(columns: Sequence[str], row: Sequence[Value]) -> list[KeptFile]:
    """What there has to be of a row of the table `files`."""
    found = dict(zip(columns, row, strict=True))
    key = FileKey(str(found["user_id"]), str(found["id"]), "")
    return [
        KeptFile(key._replace(form=form), int(found[size] or 0), str(found["sha256"]) if form == "original" else None)
        for form, size in SIZES.items()
    ]


class DamagedFile(Exception):
    """A file is not what its row says; the message goes on from its name."""


def copy_files(
    archive: ArchiveWriter, storage: FileStorage, forms: Iterable[KeptFile], is_there: Callable[[FileKey], bool]
) -> set[str]:
    """Copies the files of a snapshot into an archive. Gives the ids of those that went away since.

    `is_there`: does a row tell of a file at this moment, which is later than the snapshot?
    Raises: `BackupError` for a file that is lost, or is not what its row says.
    """
    gone: set[str] = set()
    for form in forms:
        if form.key.file_id in gone:
            continue
        try:
            archive.add_file(form.key.path, _checked(form, storage.open(form.key, 0, form.size)))
        except FileNotFoundError:
            if is_there(form.key):
                raise BackupError(f"The file {form.key.path} is lost; see “bucketlist verify”.") from None
            gone.add(form.key.file_id)
        except (DamagedFile, Unavailable) as error:
            raise BackupError(f"The file {form.key.path} {_why(error)}.") from None
    return gone


def all_forms(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[KeptFile]:
    """Every form of every file."""
    for row in rows:
        yield from forms_of(columns, row)


def check_files(archive: Archive, member: Member) -> None:
    """Read all files of a backup. Raises: `BackupError`."""
    for row in archive.rows(member):
        for form in forms_of(member.columns, row):
            for _ in _read_checked(archive, form):
                pass


def restore_files(archive: Archive, member: Member, storage: FileStorage) -> None:
    """Put the files of a backup where they belong, before the rows that tell of them. Raises: `BackupError`."""
    for row in archive.rows(member):
        for form in forms_of(member.columns, row):
            with storage.temporary() as content:
                for chunk in _read_checked(archive, form):
                    content.write(chunk)
                content.seek(0)
                try:
                    storage.put(form.key, content)
                except Unavailable as failure:
                    raise BackupError(f"The file {form.key.path} cannot be kept: {failure.reason}.") from None


def count_lost(archive: Archive, member: Member, storage: FileStorage) -> int:
    """How many files a backup tells of, without their bytes in it, that are not in the storage either."""
    forms = (form for row in archive.rows(member) for form in forms_of(member.columns, row))
    return sum(storage.find_size(form.key) != form.size for form in forms)


def find_damaged_files(connection: Connection, table: Table, storage: FileStorage) -> Iterator[str]:
    """Integrity check: a sentence each for files that are lost, and for those that are not what their rows say."""
    lost = damaged = 0
    columns = ["user_id", "id", "sha256", *SIZES.values()]
    for form in all_forms(columns, read_rows(connection, table, columns)):
        try:
            for _ in _checked(form, storage.open(form.key, 0, form.size)):
                pass
        except FileNotFoundError:
            lost += 1
        except (DamagedFile, Unavailable):
            damaged += 1
    if lost:
        yield f"Files that are lost: {lost:,}."
    if damaged:
        yield f"Files that are not what their rows say: {damaged:,}."


def _read_checked(archive: Archive, form: KeptFile) -> Iterator[bytes]:
    try:
        with archive.open_file(form.key.path) as file:
            yield from _checked(form, _chunks_of(file))
    except (DamagedFile, *BROKEN):
        raise BackupError(f"The file {form.key.path} in the backup is damaged.") from None


def _chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _checked(form: KeptFile, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same chunks. Raises: `DamagedFile`, at the end, when they are not those of the file."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    if size != form.size or form.sha256 not in (None, digest.hexdigest()):
        raise DamagedFile("is not what its row says; see “bucketlist verify”")


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, DamagedFile) else "cannot be read"

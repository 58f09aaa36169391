"""Backup file format: one for both databases, with a checksum of the whole and of each part.

It is a ZIP: of each table, in the order in which rows can be put back, `tables/<name>.jsonl` with one JSON list a row;
before the table `files`, what people uploaded as it is, `files/<whose>/<id>/<form>`;
then `manifest.json` with what is in it, the counts and the SHA-256 of each. The comment at the end of the ZIP, the last
64 bytes of the file, is the SHA-256 of all that stands before it: `head -c -64 FILE | sha256sum` tells it too.
Rows are written and read one after the other, so that a large database takes no more memory than a small one.
"""

import hashlib
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Literal, Self
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json, to_json

from bucketlist import __version__
from bucketlist.kit.clock import now_text
from bucketlist.kit.db.driver import Value

VERSION = 3
VERSIONS = (
    1,
    2,
    VERSION,
)  # that can be read; the first did not say of which database it is, and the second had no files
DIGEST_LENGTH = 64
COMPRESSION_LEVEL = 3  # of 1 to 9: a third of the time of 6, for a file larger by a tenth
CHUNK_BYTES = 1024 * 1024
MAX_ROW_BYTES = 16 * CHUNK_BYTES
MAX_MANIFEST_BYTES = CHUNK_BYTES
MANIFEST = "manifest.json"
MADE_BY_NEWER = "was made by a newer version of bucketlist; upgrade the software."
BROKEN = (BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError)  # of `zipfile`

Values = Sequence[Value]


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says in a sentence why."""


class Member(BaseModel):
    """A table in a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    table: str
    columns: list[str]
    rows: int
    sha256: str


class Manifest(BaseModel):
    """What is in a backup. `revision` is that of the schema, `database` tells one of PostgreSQL from all others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["bucketlist backup"] = "bucketlist backup"
    version: int = VERSION
    software: str = __version__
    taken_at: str
    revision: str
    database: str | None = None
    members: list[Member]
    has_files: bool = False

    def __str__(self) -> str:
        return self.tell()

    def tell(self, left_out: Collection[str] = ()) -> str:
        """What it is of, and how many rows of each table there are, but for those that are `left_out`."""
        wanted = [member for member in self.members if member.table not in left_out]
        without = "" if self.has_files or not self.count("files") else "; the bytes of the files are not in it"
        counts = ", ".join(f"{member.rows:,} {member.table}" for member in wanted) + without
        return f"of {self.taken_at}, revision {self.revision}: {counts}"

    def count(self, table: str) -> int:
        """How many rows of a table there are; none of one that an older version did not have."""
        return sum(member.rows for member in self.members if member.table == table)


class ArchiveWriter:
    """Fills a new archive; nothing else is in `file`, which can be read as well."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL)
        self._taken_at = now_text()
        self._members: list[Member] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, ValueError):  # when it failed: the file will be thrown away, while it is open
            self._zip.close()

    def add_table(self, name: str, columns: list[str], rows: Iterable[Values]) -> None:
        digest, count = hashlib.sha256(), 0
        with self._zip.open(place_of(name), "w", force_zip64=True) as member:
            for row in rows:
                line = _as_line(name, row)
                digest.update(line)
                member.write(line)
                count += 1
        self._members.append(Member(table=name, columns=columns, rows=count, sha256=digest.hexdigest()))

    def add_file(self, name: str, chunks: Iterable[bytes]) -> None:
        """A file as it is: pictures are packed already."""
        with self._zip.open(ZipInfo(place_of_file(name)), "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)

    def finish(self, revision: str, database: str | None, *, has_files: bool) -> Manifest:
        manifest = Manifest(
            taken_at=self._taken_at, revision=revision, database=database, members=self._members, has_files=has_files
        )
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        self._zip.comment = b"0" * DIGEST_LENGTH
        self._zip.close()
        self._file.seek(0)
        digest, _ = split_digest(self._file)
        self._file.seek(-DIGEST_LENGTH, io.SEEK_END)
        self._file.write(digest)
        return manifest


class Archive:
    """A backup that was seen to be whole, to be read once or more."""

    def __init__(self, path: Path, zip_file: ZipFile) -> None:
        self._path = path
        self._zip = zip_file
        self.manifest = self._read_manifest()

    def rows(self, member: Member) -> Iterator[Values]:
        """Every row of a table. Raises: `BackupError`, at the end also when they are not those of the manifest."""
        digest, count = hashlib.sha256(), 0
        try:
            with self._zip.open(place_of(member.table)) as compressed:
                lines = io.BufferedReader(compressed, CHUNK_BYTES)  # type: ignore[type-var]  # can do all that it needs
                while line := lines.readline(MAX_ROW_BYTES):
                    digest.update(line)
                    count += 1
                    yield self._read_row(line, member)
        except BROKEN as error:
            raise BackupError(f"{self._path}: table {member.table} cannot be read.") from error
        if (count, digest.hexdigest()) != (member.rows, member.sha256):
            raise BackupError(f"{self._path}: table {member.table} is not what the manifest says.")

    def open_file(self, name: str) -> IO[bytes]:
        """A file that is in it. Raises: `BackupError`."""
        try:
            return self._zip.open(place_of_file(name))
        except BROKEN as error:
            raise BackupError(f"{self._path}: the file {name} is not in it.") from error

    def _read_row(self, line: bytes, member: Member) -> Values:
        row = from_json(line, allow_inf_nan=False) if line.endswith(b"\n") else None
        if not isinstance(row, list) or len(row) != len(member.columns) or not _can_be_kept(row):
            raise BackupError(f"{self._path}: table {member.table} holds something that is no row.")
        return row

    def _read_manifest(self) -> Manifest:
        try:
            with self._zip.open(MANIFEST) as member:
                text = member.read(MAX_MANIFEST_BYTES)
            is_known = from_json(text)["version"] in VERSIONS
            if is_known:
                return Manifest.model_validate_json(text)
        except (ValidationError, TypeError, *BROKEN) as error:
            raise BackupError(f"{self._path} is not a backup of bucketlist.") from error
        raise BackupError(f"{self._path} {MADE_BY_NEWER}")


def _can_be_kept(row: Values) -> bool:
    return all(isinstance(value, str | int | None) for value in row)


def _as_line(table: str, row: Values) -> bytes:
    """Raises: `BackupError` when it could not be read again."""
    line = to_json(row) + b"\n" if _can_be_kept(row) else b""
    if not 0 < len(line) <= MAX_ROW_BYTES:
        raise BackupError(f"The table {table} holds a row that a backup cannot keep; see “bucketlist verify”.")
    return line


def place_of(table: str) -> str:
    return f"tables/{table}.jsonl"


def place_of_file(name: str) -> str:
    return f"files/{name}"


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The backup at `path`. Raises: `BackupError` unless the file is whole, `OSError`."""
    with path.open("rb") as file:
        digest, ending = split_digest(file)
        file.seek(0)
        if not file.read(2) == b"PK":
            raise BackupError(f"{path} is not a backup of bucketlist.")
        if digest != ending:
            raise BackupError(f"{path} is damaged or cut off: its checksum does not fit.")
        try:
            zip_file = ZipFile(file)
        except BROKEN as error:
            raise BackupError(f"{path} is not a backup of bucketlist.") from error
        with zip_file:
            yield Archive(path, zip_file)


def split_digest(file: IO[bytes]) -> tuple[bytes, bytes]:
    """The SHA-256, in hexadecimal digits, of all but the last 64 bytes from here on; and those 64 bytes."""
    digest, kept = hashlib.sha256(), b""
    while chunk := file.read(CHUNK_BYTES):
        kept += chunk
        digest.update(kept[:-DIGEST_LENGTH])
        kept = kept[-DIGEST_LENGTH:]
    return digest.hexdigest().encode(), kept

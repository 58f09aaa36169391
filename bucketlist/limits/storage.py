"""Storage quota: how many bytes the texts of one account may take, however many rows there may be.

What counts is what is kept, a text and its folded copy if it has one, which can be eleven times as long. Rows with
little text do not count: they are bounded by how many there may be, and a usual write costs nothing more. The others
are counted in `users.text_bytes`, in the transaction that writes them, so that the count is right whatever fails in
between.

The user's row comes first: who writes to a recorded table takes a number of it (`auth/recording.py`), or holds the
account’s lock.

Source: OWASP API Security Top 10 2023, API4.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, case, func

from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import database
from bucketlist.kit.db.searching import octets
from bucketlist.kit.text import fold_once
from bucketlist.limits import storage_queries
from bucketlist.limits.errors import StorageFull

MOST_BYTES = 256 * 1024 * 1024
ANY_NUMBER = 2**62
COUNTED_ABOVE = 2048  # bytes of the texts of a row; most rows have fewer
LONGEST_LETTER = 4 + 33  # bytes, with its folded copy

FOLDED = ("name", "description")  # columns of buckets and items that have a folded copy
PLAIN = ("dropped_reason", "place", "steps", "links", "tags", "tags")  # and those that have none; tags are kept twice
OF_ENTRIES = ("title", "story", "people")  # and of entries; all of theirs have a copy, `place` as well
WORDS = "fields"  # of the change log

T = TypeVar("T")


def size_of(*texts: str | None, plain: Iterable[str | None] = ()) -> int:
    """What a row with these texts counts for, in bytes; 0 when it is small. Those that are `plain` have no copy."""
    folded, once = ([text for text in some if text] for some in (texts, plain))
    length = sum(map(len, folded)) + sum(map(len, once))
    if length * LONGEST_LETTER <= COUNTED_ABOVE:
        return 0
    size = sum(
        2 * len(text) if text.isascii() else _bytes_of(text) + _bytes_of(fold_once(text)) for text in folded
    ) + sum(map(_bytes_of, once))
    return size if size > COUNTED_ABOVE else 0


def size_of_words(fields: str | None) -> int:
    """What a row of the change log counts for, in bytes; 0 when it is small."""
    size = _bytes_of(fields) if fields else 0
    return size if size > COUNTED_ABOVE else 0


def bytes_in(row: FromClause) -> ColumnElement[int]:
    """`size_of` the texts of a row of buckets, items, entries or the change log, in SQL."""
    names = [*FOLDED, *PLAIN, *OF_ENTRIES]
    kept = [*names, *(f"{name}_folded" for name in names), WORDS]
    sizes: list[ColumnElement[Any]] = [func.coalesce(octets(row.c[name]), 0) for name in kept if name in row.c]
    size = sum(sizes[1:], sizes[0])
    return case((size > COUNTED_ABOVE, size), else_=0)


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def count_file_bytes(actor: Actor) -> int:
    """How many bytes the files of the actor have."""
    return storage_queries.count_file_bytes(actor.user_id)


def write_counted(actor: Actor, added: int, write: Callable[[], T], *, words: int = 0) -> T:
    """What `write` gives; when it is true, it has added so many bytes to what the actor holds, in one transaction.

    With the `words` that the change log has of it. Raises: `StorageFull`, and then nothing is written; what has fewer
    bytes than before is always taken.
    """
    if not added and not words:
        return write()
    most = MOST_BYTES if added >= 0 else ANY_NUMBER

    def write_both() -> T:
        if (written := write()) and not storage_queries.add_bytes(actor.user_id, added + words, most):
            raise StorageFull
        return written

    return database().run_in_transaction(write_both)

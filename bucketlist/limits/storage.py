"""Storage quota: how many bytes the texts of one account may take, however many rows there may be.

What counts is what is kept, a text and its folded copy, which can be eleven times as long. Rows with little text do not
count: they are bounded by how many there may be, and a usual write costs nothing more. The others are counted in
`users.text_bytes`, in the transaction that writes them, so that the count is right whatever fails in between.

The user's row comes last, after buckets and items: whoever changes both takes the locks in that order.

Source: OWASP API Security Top 10 2023, API4.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, case, func

from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import database
from bucketlist.kit.db.searching import octets
from bucketlist.kit.text import fold_once
from bucketlist.limits import storage_queries
from bucketlist.limits.errors import StorageFull

MOST_BYTES = 256 * 1024 * 1024
COUNTED_ABOVE = 2048  # bytes of the texts of a row; most rows have fewer
LONGEST_LETTER = 4 + 33  # bytes, with its folded copy

T = TypeVar("T")


def size_of(*texts: str | None) -> int:
    """What a row with these texts counts for, in bytes; 0 when it is small."""
    kept = [text for text in texts if text]
    length = sum(map(len, kept))
    if length * LONGEST_LETTER <= COUNTED_ABOVE:
        return 0
    size = sum(2 * len(text) if text.isascii() else len(text.encode()) + len(fold_once(text).encode()) for text in kept)
    return size if size > COUNTED_ABOVE else 0


def bytes_in(row: FromClause) -> ColumnElement[int]:
    """`size_of` the texts of a row of buckets or items, in SQL."""
    size: ColumnElement[Any] = octets(row.c.name) + octets(row.c.name_folded)
    for text in (row.c.description, row.c.description_folded):
        size = size + func.coalesce(octets(text), 0)
    return case((size > COUNTED_ABOVE, size), else_=0)


def write_counted(actor: Actor, added: int, write: Callable[[], T]) -> T:
    """What `write` gives; when it is true, it has added so many bytes to what the actor holds, in one transaction.

    Raises: `StorageFull`, and then nothing is written; fewer bytes than before are always taken.
    """
    if not added:
        return write()

    def write_both() -> T:
        if (written := write()) and not storage_queries.add_bytes(actor.user_id, added, MOST_BYTES):
            raise StorageFull
        return written

    return database().run_in_transaction(write_both)

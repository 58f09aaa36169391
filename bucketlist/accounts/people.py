"""User administration: accounts as an operator sees them, and how much each keeps; by keyset pagination."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, Table, bindparam, func, literal, or_, select

from bucketlist.auth.access import IS_ACCOUNT_THERE
from bucketlist.kit import clock
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.errors import StatementTimeout
from bucketlist.kit.db.searching import octets
from bucketlist.kit.ids import NO_ID
from bucketlist.limits.networks import KEPT_DAYS
from bucketlist.models import buckets, items, known_networks, sessions, users

PAGE = 100


class PersonRow(NamedTuple):
    """`last_seen_at` is the last use of a session or token that is still there, or the last time that they got in, give
    or take a day, where all have ended, as of who is disabled; `bytes` are of texts, as kept.
    """

    id: str
    email: str
    name: str | None
    created_at: str
    confirmed_at: str | None
    disabled_at: str | None
    last_seen_at: str | None
    buckets: int
    items: int
    bytes: int


def _count(table: Table) -> ColumnElement[int]:
    return select(func.count()).where(table.c.user_id == users.c.id).scalar_subquery()


def _bytes(table: Table) -> ColumnElement[Any]:
    texts = [table.c[name] for name in ("name", "name_folded", "description", "description_folded")]
    size: ColumnElement[Any] = literal(0, Integer)
    for text in texts:
        size = size + func.coalesce(octets(text), 0)
    kept = select(func.sum(size, type_=BigInteger)).where(table.c.user_id == users.c.id).scalar_subquery()
    return func.coalesce(kept, 0)


_LAST_SEEN = select(func.max(sessions.c.last_used_at)).where(sessions.c.user_id == users.c.id).scalar_subquery()
_LAST_KNOWN = (
    select(func.max(known_networks.c.expires_at)).where(known_networks.c.user_id == users.c.id).scalar_subquery()
)
PEOPLE = Statement(
    select(
        *(users.c[name] for name in ("id", "email", "name", "created_at", "email_confirmed_at", "disabled_at")),
        _LAST_SEEN.label("last_seen_at"),
        _count(buckets).label("buckets"),
        _count(items).label("items"),
        (_bytes(buckets) + _bytes(items)).label("bytes"),
        _LAST_KNOWN.label("last_known_until"),
    )
    .where(
        users.c.id > bindparam("after"),
        IS_ACCOUNT_THERE,
        or_(bindparam("are_all_wanted", type_=Integer) == 1, users.c.disabled_at.is_not(None)),
    )
    .order_by(users.c.id)
    .limit(bindparam("limit", type_=Integer))
)


def list_people(*, is_disabled_only: bool = False) -> Iterator[PersonRow]:
    """Everybody, in the order of their ids, which is that of their accounts.

    Where many keep so much that a page takes longer than a statement may, they come one by one. Raises: `Unavailable`.
    """
    after, limit = NO_ID, PAGE
    while limit:
        try:
            rows = execute(PEOPLE, {"after": after, "are_all_wanted": int(not is_disabled_only), "limit": limit})
        except StatementTimeout:
            if limit == 1:
                raise
            limit = 1
            continue
        yield from map(_person_of, rows)
        after, limit = (str(rows[-1][0]), PAGE) if rows else (after, 0)


def _person_of(row: Row) -> PersonRow:
    *columns, known_until = row
    person = PersonRow._make(columns)
    if known_until is None:
        return person
    got_in_at = clock.to_text(clock.from_text(known_until) - timedelta(days=KEPT_DAYS))
    return person._replace(last_seen_at=max(person.last_seen_at or "", got_in_at))

"""Quotas: how much one account may hold, so that nobody fills the disk of all.

Whether there is room is part of the statement that adds a row: it looks along an index for the row that would be one
too many. That takes the longer the more somebody has, so a worker looks at one in `CHECK_EVERY` of what it adds for a
person; no look is good for longer than `ALLOWANCE_SECONDS`, for other workers add rows as well. From
`ALWAYS_CHECK_WITHIN` the bound on it looks each time, and what a person adds takes turns, so that many at once do not
get past it.

Source: OWASP API Security Top 10 2023, API4; OWASP ASVS 5.0 section 2.3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TypeVar

from sqlalchemy import BigInteger, ColumnElement, FromClause, bindparam, select

from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import in_transaction
from bucketlist.limits.errors import LimitReached

CHECK_EVERY = 32
ALLOWANCE_SECONDS = 1.0
ALWAYS_CHECK_WITHIN = 5_000  # so many turns take longer than an allowance lasts, and what was begun with one
REMEMBERED_PEOPLE = 10_000

T = TypeVar("T")


def has_room(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Quota check: has the actor no more than the value `held_at_most` of such rows?"""
    one_too_many = select(table.c.user_id).where(access.owned(table), *conditions).limit(1)
    return one_too_many.offset(bindparam("held_at_most", type_=BigInteger)).scalar_subquery().is_(None)


@dataclass(slots=True, eq=False)
class Look:
    """A look at how much somebody has; it may end long after it began."""

    began_at: float


@dataclass(slots=True)
class Allowance:
    """What a worker knows of a person: how many rows it may add without a look, until when; whose look says more."""

    unseen: int = 0
    ends_at: float = 0.0
    checker: Look | None = None


class Quota:
    """A quota: how many of something an account may hold."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._known: dict[str, Allowance] = {}  # by user
        self._changing = Lock()

    def add(self, actor: Actor, insert: Callable[[int | None], T | None], refuse: Callable[[], None]) -> T:
        """What `insert` gives, which is told how many rows there may be before; None says that it need not look.

        `refuse` raises what else may have been the reason when `insert` gives None.

        Raises: `LimitReached`, and what `refuse` does.
        """
        added = self._add_far_from_bound(actor.user_id, insert)
        if added is None:
            refuse()
            added = self._add_locked(actor, insert)
            if added is None:
                raise LimitReached
        return added

    @in_transaction
    def _add_locked(self, actor: Actor, insert: Callable[[int | None], T | None]) -> T | None:
        access.lock_account(actor)
        return insert(self.most - 1)

    def _add_far_from_bound(self, user_id: str, insert: Callable[[int | None], T | None]) -> T | None:
        look = Look(monotonic())
        known = self._begin(user_id, look)
        if known is None:
            return insert(None)
        added = None
        try:
            added = insert(max(0, self.most - ALWAYS_CHECK_WITHIN))
        finally:
            self._end(known, look, has_room=added is not None)
        return added

    def _begin(self, user_id: str, look: Look) -> Allowance | None:
        """None when no look is needed."""
        with self._changing:
            if user_id not in self._known and len(self._known) >= REMEMBERED_PEOPLE:
                self._known.clear()
            known = self._known.setdefault(user_id, Allowance())
            if known.unseen and look.began_at < known.ends_at:
                known.unseen -= 1
                return None
            known.checker = known.checker or look
            return known

    def _end(self, known: Allowance, look: Look, *, has_room: bool) -> None:
        """Of looks at the same moment one counts; none, when another found no room since it began."""
        with self._changing:
            if has_room and known.checker is look:
                known.unseen, known.ends_at = CHECK_EVERY - 1, look.began_at + ALLOWANCE_SECONDS
            if known.checker is look or not has_room:
                known.checker = None

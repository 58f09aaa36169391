"""SQL queries of the rate limits: a count for each key, in a window that begins with the first attempt."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune, batch_of
from bucketlist.models import attempts


class Attempts(NamedTuple):
    key: str
    attempt_count: int
    window_ends_at: str


_IS_OVER = attempts.c.window_ends_at <= bindparam("now")


@cache
def count_statement(keys: int) -> Statement:
    """Counts under so many keys, each with a window of its own."""
    rows = [{"key": bindparam(key), "count": 1, "window_ends_at": bindparam(f"{key}_ends_at")} for key in _places(keys)]
    counted = insert(attempts).values(rows)
    return Statement(
        counted.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((_IS_OVER, 1), else_=attempts.c.count + 1),
                "window_ends_at": case((_IS_OVER, counted.excluded.window_ends_at), else_=attempts.c.window_ends_at),
            },
        ).returning(attempts.c.key, attempts.c.count, attempts.c.window_ends_at)
    )


@cache
def read_statement(keys: int) -> Statement:
    wanted = select(attempts.c.key, attempts.c.count, attempts.c.window_ends_at)
    return Statement(wanted.where(_these(keys), ~_IS_OVER))


@cache
def refund_statement(keys: int) -> Statement:
    locked = (
        select(attempts.c.key).where(_these(keys)).order_by(attempts.c.key).with_for_update()
    )  # as they are counted
    return Statement(
        update(attempts).where(attempts.c.key.in_(locked), attempts.c.count > 0).values(count=attempts.c.count - 1)
    )


@cache
def reset_statement(keys: int) -> Statement:
    return Statement(delete(attempts).where(_these(keys)))


PRUNE = batch_of(attempts, attempts.c.window_ends_at < bindparam("now"))


def count_attempt(window_ends: Mapping[str, str], now: str) -> list[Attempts]:
    """One more attempt under each key, and how many that makes in the present window.

    `window_ends` says when a window ends that begins now, by the key; in alphabetical order, so that none deadlock.
    """
    values = {"now": now}
    for place, key in zip(_places(len(window_ends)), sorted(window_ends), strict=True):
        values |= {place: key, f"{place}_ends_at": window_ends[key]}
    return [Attempts._make(row) for row in execute(count_statement(len(window_ends)), values)]


def read_attempts(keys: Sequence[str], now: str) -> list[Attempts]:
    """How many attempts there have been under each key, if any, in the present window."""
    return [Attempts._make(row) for row in execute(read_statement(len(keys)), {**_named(keys), "now": now})]


def refund_attempts(keys: Sequence[str]) -> None:
    execute(refund_statement(len(keys)), _named(keys))


def reset_attempts(keys: Sequence[str]) -> None:
    execute(reset_statement(len(keys)), _named(keys))


def _places(keys: int) -> list[str]:
    return [f"key_{number}" for number in range(keys)]


def _these(keys: int) -> ColumnElement[bool]:
    return attempts.c.key.in_([bindparam(place) for place in _places(keys)])


def _named(keys: Sequence[str]) -> dict[str, str]:
    return dict(zip(_places(len(keys)), keys, strict=True))


def prune_batches(now: str) -> list[tuple[Prune, Values]]:
    """What removes attempts that count no more."""
    return [(PRUNE, {"now": now})]

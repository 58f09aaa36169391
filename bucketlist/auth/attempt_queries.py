"""The SQL of the rate limits: a count for each key, in a window that begins with the first attempt."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.kit.clock import now_text, text_from_now
from bucketlist.kit.db import Statement, execute
from bucketlist.models import attempts


class Attempts(NamedTuple):
    key: str
    attempt_count: int
    window_ends_at: str


SKEW_SECONDS = 60  # by which the clocks of several machines, or of one before and after it was set, may differ


@cache
def count_statement(keys: int) -> Statement:
    """Counts under so many keys, each with a window of its own."""
    rows = [{"key": bindparam(key), "count": 1, "window_ends_at": bindparam(f"{key}_ends_at")} for key in _places(keys)]
    counted, is_over = insert(attempts).values(rows), _is_over(keys)
    return Statement(
        counted.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((is_over, 1), else_=attempts.c.count + 1),
                "window_ends_at": case((is_over, counted.excluded.window_ends_at), else_=attempts.c.window_ends_at),
            },
        ).returning(attempts.c.key, attempts.c.count, attempts.c.window_ends_at)
    )


@cache
def read_statement(keys: int) -> Statement:
    wanted = select(attempts.c.key, attempts.c.count, attempts.c.window_ends_at)
    return Statement(wanted.where(_these(keys), ~_is_over(keys)))


@cache
def give_back_statement(keys: int) -> Statement:
    locked = (
        select(attempts.c.key).where(_these(keys)).order_by(attempts.c.key).with_for_update()
    )  # as they are counted
    return Statement(
        update(attempts).where(attempts.c.key.in_(locked), attempts.c.count > 0).values(count=attempts.c.count - 1)
    )


@cache
def forget_statement(keys: int) -> Statement:
    return Statement(delete(attempts).where(_these(keys)))


def count_attempt(windows: Mapping[str, int]) -> list[Attempts]:
    """One more attempt under each key, and how many that makes in the present window.

    `windows` says how many seconds a window lasts, by the key.
    """
    return [Attempts._make(row) for row in execute(count_statement(len(windows)), _moments(windows))]


def read_attempts(windows: Mapping[str, int]) -> list[Attempts]:
    """How many attempts there have been under each key, if any, in the present window."""
    return [Attempts._make(row) for row in execute(read_statement(len(windows)), _moments(windows))]


def give_back(keys: Sequence[str]) -> None:
    execute(give_back_statement(len(keys)), _named(keys))


def forget_attempts(keys: Sequence[str]) -> None:
    execute(forget_statement(len(keys)), _named(keys))


def _places(keys: int) -> list[str]:
    return [f"key_{number}" for number in range(keys)]


def _is_over(keys: int) -> ColumnElement[bool]:
    """A window that ends later than one that begins now began before the clock was set back: it would last for ever."""
    too_late = [
        and_(attempts.c.key == bindparam(place), attempts.c.window_ends_at > bindparam(f"{place}_latest"))
        for place in _places(keys)
    ]
    return or_(attempts.c.window_ends_at <= bindparam("now"), *too_late)


def _moments(windows: Mapping[str, int]) -> dict[str, str]:
    """The values of a statement about these keys, in alphabetical order, so that none deadlock."""
    values = {"now": now_text()}
    for place, (key, seconds) in zip(_places(len(windows)), sorted(windows.items()), strict=True):
        values[place] = key
        values[f"{place}_ends_at"] = text_from_now(seconds=seconds)
        values[f"{place}_latest"] = text_from_now(seconds=seconds + SKEW_SECONDS)
    return values


def _these(keys: int) -> ColumnElement[bool]:
    return attempts.c.key.in_([bindparam(place) for place in _places(keys)])


def _named(keys: Sequence[str]) -> dict[str, str]:
    return dict(zip(_places(len(keys)), keys, strict=True))

"""Outbox helpers for tests: nothing is sent while they run, unless they do it."""

from typing import NamedTuple

from sqlalchemy import select, update

from bucketlist.kit.db.database import Statement, execute
from bucketlist.mail import notifications
from bucketlist.models import outbox

_WAITING = Statement(select(outbox.c.kind, outbox.c.email, outbox.c.seed).order_by(outbox.c.id))

_TRY_ALL = Statement(update(outbox).values(tries=1))


class Waiting(NamedTuple):
    """A letter that waits."""

    kind: str
    email: str
    seed: str | None


def waiting_letters() -> list[Waiting]:
    """In the database of the application at work, the oldest first."""
    return [Waiting._make(row) for row in execute(_WAITING, {})]


def try_all_letters() -> None:
    """As if each had been tried in vain: from then on it does not speak for the next of its kind."""
    execute(_TRY_ALL, {})


def newest_token(kind: str, email: str) -> str:
    """That of the one good link of its kind that waits for the owner of `email`."""
    seeds = [letter.seed for letter in waiting_letters() if (letter.kind, letter.email) == (kind, email)]
    (seed,) = (seed for seed in seeds if seed and notifications.is_link_live(seed, kind))
    return notifications.token_of(seed)

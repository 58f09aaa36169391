"""Notifications: what the owner of an account is told by mail, written beside what caused it, delivered by the worker.

A link holds a token that is made of a random seed and a key that is not in the database. The letter keeps the seed and
the directory of links a hash, so that whoever steals the database can follow none of them, and a letter that has to be
sent again holds the same link.
"""

import hmac
import secrets
from threading import Event
from typing import Literal

from bucketlist import config
from bucketlist.auth.tokens import hash_token
from bucketlist.auth.users import UserRow
from bucketlist.kit import base64url, clock
from bucketlist.kit.db.database import database
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune
from bucketlist.kit.emails import fold_email
from bucketlist.kit.ids import NO_ID, new_id
from bucketlist.limits import bounds
from bucketlist.mail import link_queries, queries

SEED_BYTES = 16
LINK_MINUTES: dict[str, float] = {"reset": 60, "confirm": 7 * 24 * 60}
KEPT_MINUTES = 3.0 * 24 * 60  # a letter that cannot be sent; one with a link no longer than the link lives
NOBODY = ""  # the address of a link that leads nowhere

waiting = Event()  # set when a letter was committed that the mail worker of this process should look for now
away = Event()  # set while that worker reaches no mail server: then it asks in its own time, however much is written

LinkKind = Literal["reset", "confirm"]
Notification = Literal["password_changed", "password_reset", "email_changed", "token_made"]


def token_of(seed: str) -> str:
    """The token of a link: 256 bits that are random to all who have not both the seed and our key."""
    digest = hmac.digest(config.current().key("mail-link"), seed.encode(), "sha256")
    return base64url.encode(digest)


def enqueue(
    kind: Notification | LinkKind, address: str, user_id: str, *, seed: str | None = None, minutes: float = KEPT_MINUTES
) -> None:
    """Put a letter into the outbox, in the transaction of what it tells of: for every room the one way to send mail.

    It is given up after so many `minutes`. Nothing when there is no such user. The words of each kind: `messages.py`.
    """
    times = (clock.now_text(), clock.text_from_now(minutes=minutes))
    queries.add_letter(user_id, new_id(), kind, address, seed, times)
    database().after_commit(_wake_worker)


def notify(user: UserRow, notice: Notification) -> None:
    """Have the user told, at the address that `user` has, what happened to the account."""
    if _may_write_to(user):
        enqueue(notice, user.email, user.id)


def ask_to_confirm(user: UserRow) -> None:
    """Have the user sent a link that shows that somebody reads what is sent to the address of `user`."""
    if _may_write_to(user):
        send_link(user, "confirm")


def send_link(user: UserRow | None, kind: LinkKind) -> None:
    """Have the user sent a link, in whose favour an older one of its kind is worthless.

    Without a user the same statements are executed and nobody is written to, so that nobody can tell which it was.
    """
    seed, minutes = secrets.token_urlsafe(SEED_BYTES), LINK_MINUTES[kind]
    user_id, email = (user.id, user.email) if user else (new_id(), NOBODY)
    enqueue(kind, email, user_id, seed=seed, minutes=min(minutes, KEPT_MINUTES))
    expires_at = clock.text_from_now(minutes=minutes)
    link_queries.put_link(hash_token(token_of(seed)), user_id, kind, email, expires_at)


def renew_link(user: UserRow | None, kind: LinkKind) -> None:
    """Have the user's last link of its kind be good for as long as a new one, in the letter that they have.

    Without a user the same statement is executed.
    """
    expires_at = clock.text_from_now(minutes=LINK_MINUTES[kind])
    link_queries.renew_link(user.id if user else NO_ID, kind, expires_at)


def is_link_live(seed: str, kind: str) -> bool:
    """Would whoever follows the link of `seed` get anywhere?"""
    return link_queries.is_link_live(hash_token(token_of(seed)), kind, clock.now_text())


def email_changed(before: UserRow, after: UserRow) -> None:
    """Links that were sent to the address before are worthless. Both addresses are told."""
    link_queries.forget_links(before.id)
    notify(before, "email_changed")
    ask_to_confirm(after)


def prune_batches() -> list[tuple[Prune, Values]]:
    """What removes links and letters that have had their time for a day."""
    return link_queries.prune_batches(clock.text_from_now(days=-1))


def _wake_worker() -> None:
    if not away.is_set():
        waiting.set()


def _may_write_to(user: UserRow) -> bool:
    """An address that nobody has confirmed may be a stranger's, who is not to be bothered without end."""
    return config.can_mail() and (user.email_confirmed_at is not None or bounds.may_send_other(fold_email(user.email)))

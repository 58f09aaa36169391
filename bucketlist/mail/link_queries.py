"""SQL queries of one-time links that are sent by mail, and what is pruned of them and of the outbox."""

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth.access import OWNER, of_owner, owned
from bucketlist.auth.statements import given
from bucketlist.auth.users import USER_COLUMNS, UserRow
from bucketlist.kit.db.database import Statement, execute, find_one
from bucketlist.kit.db.driver import Row, Values
from bucketlist.kit.db.pruning import batch_of
from bucketlist.models import email_addresses, mail_links, outbox, users

_OWN_EMAIL = select(email_addresses.c.email_folded).where(owned(email_addresses)).scalar_subquery()
_link = insert(mail_links).values(  # for whom there is no account, with an address that is nobody's
    {
        **given(mail_links, "token_hash", "kind", "expires_at"),
        "user_id": OWNER,
        "email_folded": func.coalesce(_OWN_EMAIL, bindparam("email_folded", type_=mail_links.c.email_folded.type)),
    }
)
PUT_LINK = Statement(  # in the place of the one before it
    _link.on_conflict_do_update(
        index_elements=["user_id", "kind"],
        set_={name: _link.excluded[name] for name in ("token_hash", "email_folded", "expires_at")},
    )
)

_IS_LINK = (
    (mail_links.c.token_hash == bindparam("token_hash"))
    & (mail_links.c.kind == bindparam("kind"))
    & (mail_links.c.expires_at > bindparam("now"))
)
USER_OF_LINK = Statement(  # as long as the address that it was sent to is the user's, who is not disabled
    select(*USER_COLUMNS)
    .join_from(
        mail_links,
        email_addresses,
        (email_addresses.c.email_folded == mail_links.c.email_folded)
        & (email_addresses.c.user_id == mail_links.c.user_id),
    )
    .join(users, users.c.id == email_addresses.c.user_id)
    .where(_IS_LINK, users.c.disabled_at.is_(None))
)
USE_LINK = Statement(
    delete(mail_links)
    .where(
        _IS_LINK,
        owned(mail_links),
        mail_links.c.email_folded.in_(select(email_addresses.c.email_folded).where(owned(email_addresses))),
    )
    .returning(mail_links.c.user_id)
)
FORGET_LINKS = Statement(delete(mail_links).where(owned(mail_links)))
FORGET_LINK = Statement(delete(mail_links).where(owned(mail_links), mail_links.c.kind == bindparam("kind")))
IS_LINK_LIVE = Statement(select(mail_links.c.user_id).where(_IS_LINK))
RENEW_LINK = Statement(
    update(mail_links)
    .where(owned(mail_links), mail_links.c.kind == bindparam("kind"))
    .values(expires_at=bindparam("expires_at"))
)

PRUNE = [  # links that nobody can renew any more; letters too, which are left when mail was switched off
    batch_of(mail_links, mail_links.c.expires_at < bindparam("forgotten_before")),
    batch_of(outbox, outbox.c.given_up_at < bindparam("forgotten_before")),
]


def put_link(token_hash: str, user_id: str, kind: str, email_folded: str, expires_at: str) -> None:
    """From now on this is the one link of its kind that the user has."""
    values = of_owner(user_id, token_hash=token_hash, kind=kind, email_folded=email_folded, expires_at=expires_at)
    execute(PUT_LINK, values)


def find_user_of_link(token_hash: str, kind: str, now: str) -> UserRow | None:
    row: Row | None = find_one(USER_OF_LINK, {"token_hash": token_hash, "kind": kind, "now": now})
    return UserRow._make(row) if row else None


def use_link(token_hash: str, user_id: str, kind: str, now: str) -> bool:
    """Was it good until now? It is used up."""
    return bool(execute(USE_LINK, of_owner(user_id, token_hash=token_hash, kind=kind, now=now)))


def is_link_live(token_hash: str, kind: str, now: str) -> bool:
    return bool(execute(IS_LINK_LIVE, {"token_hash": token_hash, "kind": kind, "now": now}))


def forget_link(user_id: str, kind: str) -> None:
    execute(FORGET_LINK, of_owner(user_id, kind=kind))


def forget_links(user_id: str) -> None:
    execute(FORGET_LINKS, of_owner(user_id))


def renew_link(user_id: str, kind: str, expires_at: str) -> None:
    """The one link of its kind, if there is one, is good until then."""
    execute(RENEW_LINK, of_owner(user_id, kind=kind, expires_at=expires_at))


def prune_batches(now: str, forgotten_before: str) -> list[tuple[Statement, Values]]:
    return [(statement, {"now": now, "forgotten_before": forgotten_before}) for statement in PRUNE]

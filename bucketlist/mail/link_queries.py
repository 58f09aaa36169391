"""SQL queries of one-time links that are sent by mail, and what is pruned of them and of the outbox."""

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth.access import OWNER, of_owner, owned
from bucketlist.auth.statements import given
from bucketlist.auth.users import UserRow, find_user, find_user_at
from bucketlist.kit.db.database import Statement, execute, find_one
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune, batch_of, expired_of
from bucketlist.kit.emails import fold_email, spelling
from bucketlist.models import email_addresses, mail_links, outbox

_FOLDED = bindparam("email_folded", type_=mail_links.c.email_folded.type)
_THEIR_EMAIL = func.coalesce(func.min(email_addresses.c.email_folded), _FOLDED)
_values = {
    **given(mail_links, "token_hash", "kind", "expires_at"),
    "user_id": OWNER,
    "email_folded": _THEIR_EMAIL,  # when the address of the letter is not, or no longer, the user's, it is worthless
}
_is_theirs = owned(email_addresses) & email_addresses.c.email_folded.in_([_FOLDED, bindparam("spelling")])
_link = insert(mail_links).from_select(list(_values), select(*_values.values()).where(_is_theirs))
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
OWNER_OF_LINK = Statement(  # as long as the address that it was sent to is the user's
    select(mail_links.c.user_id, mail_links.c.email_folded)
    .join_from(
        mail_links,
        email_addresses,
        (email_addresses.c.email_folded == mail_links.c.email_folded)
        & (email_addresses.c.user_id == mail_links.c.user_id),
    )
    .where(_IS_LINK)
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

PRUNE_LINKS = batch_of(mail_links, mail_links.c.expires_at < bindparam("now"))  # nobody can renew them any more
PRUNE_LETTERS = expired_of(outbox, "given_up_at")  # they are left when mail was switched off


def put_link(token_hash: str, user_id: str, kind: str, email: str, expires_at: str) -> None:
    """From now on this is the one link of its kind that the user has. `email` is where it is sent to."""
    addresses = {"email_folded": fold_email(email), "spelling": spelling(email)}
    execute(PUT_LINK, of_owner(user_id, token_hash=token_hash, kind=kind, expires_at=expires_at, **addresses))


def find_user_of_link(token_hash: str, kind: str, now: str) -> UserRow | None:
    """Whose link it is, who is not disabled."""
    found = find_one(OWNER_OF_LINK, {"token_hash": token_hash, "kind": kind, "now": now})
    user = find_user_at(*found) if found else find_user(None)
    return user if user and user.disabled_at is None else None


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


def prune_batches(forgotten_before: str) -> list[tuple[Prune, Values]]:
    return [(prune, {"now": forgotten_before}) for prune in (PRUNE_LINKS, PRUNE_LETTERS)]

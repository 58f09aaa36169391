"""The SQL of letters that are to be written, and of the links in them."""

from sqlalchemy import bindparam, delete, exists, func, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth.access import USER, owned
from bucketlist.auth.users import USER_COLUMNS, UserRow
from bucketlist.kit.db.database import Statement, execute, find_one
from bucketlist.kit.db.driver import Row, Values
from bucketlist.kit.db.pruning import batch_of
from bucketlist.models import emails, letters, mail_links, users

_LETTER = ("user_id", "id", "kind", "email", "seed", "tries", "next_try_at", "given_up_at", "created_at")

_WAITS_ALREADY = exists().where(  # the same notice, which nobody has tried to send: it tells of this as well
    owned(letters),
    letters.c.kind == bindparam("kind"),
    letters.c.email == bindparam("email"),
    letters.c.seed.is_(None),
    letters.c.tries == 0,
)
MOST_LETTERS = 100  # of one kind to one person: the first that wait tell it, not the last
_IS_FULL = (
    select(letters.c.id)
    .where(owned(letters), letters.c.kind == bindparam("kind"))
    .limit(1)
    .offset(literal_column(str(MOST_LETTERS - 1)))
    .exists()
)
ADD_LETTER = Statement(  # none for whom there is no account, so that both take the same statements
    insert(letters).from_select(
        _LETTER,
        select(
            users.c.id,
            bindparam("id", type_=letters.c.id.type),
            *(bindparam(name, type_=letters.c[name].type) for name in ("kind", "email", "seed")),
            literal(0, letters.c.tries.type),
            bindparam("now", type_=letters.c.created_at.type),
            bindparam("given_up_at", type_=letters.c.given_up_at.type),
            bindparam("now", type_=letters.c.created_at.type),
        ).where(users.c.id == USER, ~_WAITS_ALREADY, ~_IS_FULL),
    )
)
_OWN_EMAIL = select(emails.c.email_folded).where(owned(emails)).scalar_subquery()
_link = insert(mail_links).values(  # for whom there is no account, with an address that is nobody's
    {
        **{name: bindparam(name) for name in ("token_hash", "user_id", "kind", "expires_at")},
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
        emails,
        (emails.c.email_folded == mail_links.c.email_folded) & (emails.c.user_id == mail_links.c.user_id),
    )
    .join(users, users.c.id == emails.c.user_id)
    .where(_IS_LINK, users.c.disabled_at.is_(None))
)
USE_LINK = Statement(
    delete(mail_links)
    .where(
        _IS_LINK,
        owned(mail_links),
        mail_links.c.email_folded.in_(select(emails.c.email_folded).where(owned(emails))),
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
    batch_of(letters, letters.c.given_up_at < bindparam("forgotten_before")),
]


def add_letter(user_id: str, letter_id: str, kind: str, email: str, seed: str | None, times: tuple[str, str]) -> None:
    """Nothing when there is no such user. `times`: now, and when it is given up."""
    now, given_up_at = times
    values = {"user_id": user_id, "id": letter_id, "kind": kind, "email": email, "seed": seed}
    execute(ADD_LETTER, {**values, "now": now, "given_up_at": given_up_at})


def put_link(token_hash: str, user_id: str, kind: str, email_folded: str, expires_at: str) -> None:
    """From now on this is the one link of its kind that the user has."""
    values = {"token_hash": token_hash, "user_id": user_id, "kind": kind}
    execute(PUT_LINK, {**values, "email_folded": email_folded, "expires_at": expires_at})


def find_user_of_link(token_hash: str, kind: str, now: str) -> UserRow | None:
    row: Row | None = find_one(USER_OF_LINK, {"token_hash": token_hash, "kind": kind, "now": now})
    return UserRow._make(row) if row else None


def use_link(token_hash: str, user_id: str, kind: str, now: str) -> bool:
    """Was it good until now? It is used up."""
    return bool(execute(USE_LINK, {"token_hash": token_hash, "user_id": user_id, "kind": kind, "now": now}))


def is_link_live(token_hash: str, kind: str, now: str) -> bool:
    return bool(execute(IS_LINK_LIVE, {"token_hash": token_hash, "kind": kind, "now": now}))


def forget_link(user_id: str, kind: str) -> None:
    execute(FORGET_LINK, {"user_id": user_id, "kind": kind})


def forget_links(user_id: str) -> None:
    execute(FORGET_LINKS, {"user_id": user_id})


def renew_link(user_id: str, kind: str, expires_at: str) -> None:
    """The one link of its kind, if there is one, is good until then."""
    execute(RENEW_LINK, {"user_id": user_id, "kind": kind, "expires_at": expires_at})


def prune_batches(now: str, forgotten_before: str) -> list[tuple[Statement, Values]]:
    return [(statement, {"now": now, "forgotten_before": forgotten_before}) for statement in PRUNE]

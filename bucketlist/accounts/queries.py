"""SQL queries of user accounts."""

from sqlalchemy import Integer, bindparam, case, delete, null, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION, OWNER, of_owner, owned
from bucketlist.auth.actor import Actor
from bucketlist.auth.statements import given
from bucketlist.auth.users import USER_COLUMNS, UserRow, find_user, find_user_at
from bucketlist.kit.db.database import Statement, execute, find_one
from bucketlist.kit.emails import fold_email, is_same_mailbox, spelling
from bucketlist.limits.storage_queries import FILE_BYTES
from bucketlist.models import email_addresses, users

KEPT = case((bindparam("keeps_address", type_=Integer) == 1, users.c.email_confirmed_at), else_=None)
HAS_PASSWORD = users.c.password_hash == bindparam("seen_hash")  # still the one that was proved to be known

OWNER_OF_EMAIL = Statement(
    select(email_addresses.c.user_id, email_addresses.c.email_folded)
    .where(email_addresses.c.email_folded.in_([bindparam("email_folded"), bindparam("spelling")]))
    .order_by(case((email_addresses.c.email_folded == bindparam("spelling"), 0), else_=1))
    .limit(1)
)


_claim = insert(email_addresses).values(given(email_addresses, "email_folded", "user_id"))
CLAIM_EMAIL = Statement(
    _claim.on_conflict_do_update(
        index_elements=["email_folded"],
        set_={"user_id": _claim.excluded.user_id},
        where=email_addresses.c.user_id == _claim.excluded.user_id,
    ).returning(email_addresses.c.user_id)
)
RELEASE_OTHER_EMAILS = Statement(
    delete(email_addresses).where(owned(email_addresses), email_addresses.c.email_folded != bindparam("email_folded"))
)

ACCOUNT_OF_ACTOR = Statement(
    select(*USER_COLUMNS, FILE_BYTES).join_from(ACTIVE_SESSION, users, users.c.id == ACTIVE_SESSION.c.user_id)
)
ADD_USER = Statement(
    insert(users).values(
        version=1, text_bytes=0, **given(users, "id", "email", "name", "password_hash", "created_at", "modified_at")
    )
)
CHANGE_USER = Statement(
    update(users)
    .where(users.c.id == OWNER, users.c.version == bindparam("seen_version"), HAS_PASSWORD)
    .values(
        version=users.c.version + 1,
        modified_at=bindparam("now"),
        email_confirmed_at=KEPT,
        **given(users, "email", "name"),
    )
    .returning(*USER_COLUMNS)
)
LOCK_PASSWORD = Statement(
    select(users.c.id)
    .where(users.c.id == OWNER, HAS_PASSWORD, users.c.disabled_at.is_(None))
    .with_for_update(key_share=True)
)
_set_disabled = update(users).where(users.c.id == OWNER).returning(users.c.id)
DISABLE = Statement(_set_disabled.where(users.c.disabled_at.is_(None)).values(given(users, "disabled_at")))
ENABLE = Statement(_set_disabled.where(users.c.disabled_at.is_not(None)).values(disabled_at=null()))
CHANGE_PASSWORD = Statement(
    update(users).where(users.c.id == OWNER, HAS_PASSWORD).values(given(users, "password_hash")).returning(users.c.id)
)


def find_user_by_email(email: str) -> UserRow | None:
    """Whose address it is, in any spelling; of two whose mailbox it is, who spells it so."""
    found = find_one(OWNER_OF_EMAIL, {"email_folded": fold_email(email), "spelling": spelling(email)})
    return find_user_at(*found) if found else find_user(None)


def get_account(actor: Actor) -> tuple[UserRow, int]:
    """The user, and how many bytes their files have. Raises: `Unauthorized` when the actor's token is worthless."""
    *user, file_bytes = access.require_active(execute(ACCOUNT_OF_ACTOR, access.values(actor)))[0]
    return UserRow._make(user), int(file_bytes)


def claim_email(email_folded: str, user_id: str) -> bool:
    """Was it free, or the user's? It is the user's from now on."""
    return bool(execute(CLAIM_EMAIL, {"email_folded": email_folded, "user_id": user_id}))


def release_other_emails(email_folded: str, user_id: str) -> None:
    execute(RELEASE_OTHER_EMAILS, of_owner(user_id, email_folded=email_folded))


def add_user(user: UserRow) -> None:
    execute(ADD_USER, user._asdict())


def change_user(seen: UserRow, email: str, name: str | None, now: str) -> UserRow | None:
    """The user as it is now, or None when it was not as `seen` any more."""
    values = of_owner(seen.id, email=email, name=name, now=now)
    values["keeps_address"] = int(is_same_mailbox(email, seen.email))  # if not, nobody has confirmed it yet
    row = find_one(CHANGE_USER, values | {"seen_version": seen.version, "seen_hash": seen.password_hash})
    return UserRow._make(row) if row else None


def lock_password(seen: UserRow) -> bool:
    """Is it still the user's password, and may they log in? Until the transaction ends it stays so, others wait."""
    return bool(execute(LOCK_PASSWORD, of_owner(seen.id, seen_hash=seen.password_hash)))


def change_password(seen: UserRow, password_hash: str) -> bool:
    """Was it still the user's password that is changed?"""
    values = of_owner(seen.id, seen_hash=seen.password_hash, password_hash=password_hash)
    return bool(execute(CHANGE_PASSWORD, values))


def disable_user(user_id: str, now: str) -> bool:
    """Is that news? From then on nobody logs in."""
    return bool(execute(DISABLE, of_owner(user_id, disabled_at=now)))


def enable_user(user_id: str) -> bool:
    """Is that news?"""
    return bool(execute(ENABLE, of_owner(user_id)))


CONFIRM_EMAIL = Statement(
    update(users)
    .where(users.c.id == OWNER, users.c.email_confirmed_at.is_(None))
    .values(email_confirmed_at=bindparam("now"))
    .returning(users.c.id)
)


def confirm_email(user_id: str, now: str) -> bool:
    """Is that news?"""
    return bool(execute(CONFIRM_EMAIL, of_owner(user_id, now=now)))

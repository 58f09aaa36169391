"""Case folding of names, descriptions and addresses anew; a proof of an address that may be of another one is dropped.

Whatever cannot be told from the row is decided so that nothing is lost. Two accounts of one mailbox, which were two by
the spelling of a domain: the one that was confirmed, else the older, is found by the folded address, and the other by
its own spelling. Whether an account was changed after its address was confirmed is known, and not whether that was the
address: so it has to be confirmed anew.

The folding is that of the version that runs this, and not a copy: `verify` holds the rows against it.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from bucketlist.kit.emails import fold_email, spelling
from bucketlist.kit.text import fold

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Fold = Callable[[str], str]

BATCH = 100  # rows, of 80,000 characters at most
ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
USERS = sa.table(
    "users",
    *(sa.column(name, ID if name == "id" else sa.Text()) for name in ("id", "email")),
    *(sa.column(name, TIME) for name in ("created_at", "modified_at", "email_confirmed_at")),
)
EMAILS = sa.table("emails", sa.column("email_folded", sa.Text()), sa.column("user_id", ID))
LINKS = sa.table("mail_links", sa.column("email_folded", sa.Text()), sa.column("user_id", ID))


def upgrade() -> None:
    connection = op.get_bind()
    for name in ("buckets", "items"):
        _refold(connection, name, fold)
    _rekey(connection, fold_email)
    is_unsure = USERS.c.modified_at > USERS.c.email_confirmed_at
    connection.execute(sa.update(USERS).where(is_unsure).values(email_confirmed_at=None))


def downgrade() -> None:
    connection = op.get_bind()
    for name in ("buckets", "items"):
        _refold(connection, name, _fold_before)
    _rekey(connection, _fold_before)


def _fold_before(text: str) -> str:
    """As revision 0005 had it."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _refold(connection: sa.Connection, name: str, fold_text: Fold) -> None:
    """Only what holds letters beyond ASCII is read, a batch at a time, and only what folds differently is written."""
    texts = ("name", "name_folded", "description", "description_folded")
    table = sa.table(
        name, sa.column("user_id", ID), sa.column("id", ID), *(sa.column(text, sa.Text()) for text in texts)
    )
    place = sa.tuple_(table.c.user_id, table.c.id)
    is_wanted = sa.or_(_is_beyond_ascii(connection, table.c.name), _is_beyond_ascii(connection, table.c.description))
    wanted = sa.select(table).where(is_wanted).order_by(table.c.user_id, table.c.id).limit(BATCH)
    rows = connection.execute(wanted).all()
    while rows:
        for row in rows:
            folded = {
                "name_folded": fold_text(row.name),
                "description_folded": _fold_or_null(row.description, fold_text),
            }
            if folded != {column: row._mapping[column] for column in folded}:
                is_it = (table.c.user_id == row.user_id) & (table.c.id == row.id)
                connection.execute(sa.update(table).where(is_it).values(folded))
        last = sa.tuple_(sa.literal(rows[-1].user_id, ID), sa.literal(rows[-1].id, ID))
        rows = connection.execute(wanted.where(place > last)).all()


def _fold_or_null(text: str | None, fold_text: Fold) -> str | None:
    return fold_text(text) if text is not None else None


def _is_beyond_ascii(connection: sa.Connection, text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    is_sqlite = connection.dialect.name == "sqlite"
    size = sa.func.length(sa.cast(text, sa.LargeBinary)) if is_sqlite else sa.func.octet_length(text)
    return size > sa.func.length(text)


def _rekey(connection: sa.Connection, fold_address: Fold) -> None:
    """Have everybody found by the address as `fold_address` has it."""
    wanted = (
        sa.select(USERS.c.id, USERS.c.email, EMAILS.c.email_folded)
        .join_from(USERS, EMAILS, USERS.c.id == EMAILS.c.user_id)
        .where(_is_beyond_ascii(connection, USERS.c.email))
        .order_by(USERS.c.email_confirmed_at.is_(None), USERS.c.created_at, USERS.c.id)
    )
    rows = [row for row in connection.execute(wanted).all() if fold_address(row.email) != row.email_folded]
    for row in rows:
        connection.execute(sa.delete(EMAILS).where(EMAILS.c.email_folded == row.email_folded))
    for row in rows:
        key = _claim(connection, row, fold_address)
        is_its = (LINKS.c.user_id == row.id) & (LINKS.c.email_folded == row.email_folded)
        connection.execute(sa.update(LINKS).where(is_its).values(email_folded=key))


def _claim(connection: sa.Connection, row: Any, fold_address: Fold) -> str:
    """The first key that is free; that which it had is, as each had its own."""
    for key in (fold_address(row.email), spelling(row.email), row.email_folded):
        if connection.execute(sa.select(EMAILS).where(EMAILS.c.email_folded == key)).first() is None:
            break
    connection.execute(sa.insert(EMAILS).values(email_folded=key, user_id=row.id))
    return str(key)

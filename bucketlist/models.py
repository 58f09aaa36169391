"""Database schema: every table, on one page.

The schema rules (`handbook/decisions/0003-schema-rules.md`): ids are made by the application; a table that belongs to a
user has `user_id`, the primary key `(user_id, id)` and foreign keys `(user_id, x_id)`, so that not even the database
could mix two people's rows, and users can be spread over several databases; what must be found without knowing the
user lives in small directory tables that refer to nothing: the end says which. `version` counts changes, for ETags.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

NAMES = {  # of constraints and indexes, so that migrations can speak of them on both databases
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

Id = Uuid(as_uuid=False).with_variant(Text(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")
Folded = Text(collation="C").with_variant(Text(collation="BINARY"), "sqlite")  # compared byte by byte

STATES = ("open", "doing", "done", "dropped")
MOST_TIMES = 100_000
JSON_LIST = {"is_json_list": True}  # of a text: a list as it is answered; null when it is empty


def owner() -> Column[str]:
    """The column that says whose row this is; it goes when its user goes."""
    return Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)


users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", Text, nullable=False),
    Column("name", Text),
    Column("password_hash", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("modified_at", Time, nullable=False),
    Column("email_confirmed_at", Time),  # when its owner showed that they read what is sent there; null until then
    Column("text_bytes", BigInteger, nullable=False, server_default="0"),  # of long rows: `limits/storage.py`
    Column("disabled_at", Time),  # by whoever runs the service; null while the account may be used
)

email_addresses = Table(  # directory: who has this email?
    "email_addresses",
    metadata,
    Column("email_folded", Folded, primary_key=True),
    Column("user_id", Id, nullable=False, index=True),
)

sessions = Table(  # where somebody is signed in, or a script is by a personal token; ending one deletes its row
    "sessions",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("token_hash", Text),  # of a personal token; a person's session has none, nor the next two
    Column("name", Text),
    Column("scope", Text),
    Column("created_at", Time, nullable=False),
    Column("last_used_at", Time),
    Column("expires_at", Time, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "id"),
)

refresh_tokens = Table(  # directory: whose session does this refresh token renew?
    "refresh_tokens",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("session_id", Id, nullable=False),
    Column("rotated_at", Time),
    Column("expires_at", Time, nullable=False, index=True),
    Index(None, "user_id", "session_id"),
)

blacklisted_tokens = Table(  # access tokens that are worthless before they expire; id is their jti
    "blacklisted_tokens",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("expires_at", Time, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "id"),
)

known_networks = Table(  # from which somebody got into an account before; a keyed hash of each
    "known_networks",
    metadata,
    owner(),
    Column("network_hash", Text, nullable=False),
    Column("expires_at", Time, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "network_hash"),
)

mail_links = Table(  # directory: whose link, sent by mail, is this? One of each kind for a user, so newer kills older
    "mail_links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("email_folded", Folded, nullable=False),  # to which it was sent; worthless once that is not the user's
    Column("expires_at", Time, nullable=False, index=True),
    Index(None, "user_id", "kind", unique=True),
)

invitations = Table(  # directory: a link by which somebody signs up; used up, it is gone
    "invitations",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("email_folded", Folded, index=True),  # null: for any address
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False, index=True),
)

outbox = Table(  # what is to be sent by mail; gone once it is. No text and no token: both are made when it is sent
    "outbox",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("seed", Text),  # of the link in it, with a key that is not in the database
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Time, nullable=False, index=True),
    Column("given_up_at", Time, nullable=False),
    Column("created_at", Time, nullable=False),
    PrimaryKeyConstraint("user_id", "id"),
)

attempts = Table(  # what is limited: one row for an account, an address or everybody
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("window_ends_at", Time, nullable=False, index=True),
)

tombstones = Table(  # what was deleted at once, and whose rows are still to be purged: `purging/service.py`
    "tombstones",
    metadata,
    owner(),
    Column("kind", Text, nullable=False),
    Column("id", Id, nullable=False),
    PrimaryKeyConstraint("user_id", "kind", "id"),
)

idempotency_keys = Table(  # the first answer to a request that may come again
    "idempotency_keys",
    metadata,
    owner(),
    Column("key", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer),
    Column("headers", Text),
    Column("body", Text),
    Column("created_at", Time, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "key"),
)

buckets = Table(
    "buckets",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", Folded, nullable=False),
    Column("description", Text),
    Column("description_folded", Folded),
    Column("position", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("modified_at", Time, nullable=False),
    Column("archived", Integer, nullable=False, server_default="0"),  # 1 when it is out of the way
    PrimaryKeyConstraint("user_id", "id"),
    CheckConstraint("archived IN (0, 1)", name="archived"),
    Index(None, "user_id", "position", "id", "archived"),  # archived: what a list hides is told without the rows
)

items = Table(
    "items",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("bucket_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", Folded, nullable=False),
    Column("description", Text),
    Column("description_folded", Folded),
    Column("state", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("modified_at", Time, nullable=False),
    Column("dropped_reason", Text),
    Column("target", Text),  # a fuzzy date, as it was typed
    Column("target_first", Integer),  # the number of its first day: `kit/fuzzy_dates.py`
    Column("target_rank", Integer),  # its place in the order of fuzzy dates
    Column("times", Integer, nullable=False, server_default="1"),
    Column("place", Text),
    Column("steps", Text, info=JSON_LIST),
    Column("links", Text, info=JSON_LIST),
    Column("tags", Text),  # as they are in `item_tags`, in their order: `tags/encoding.py`
    PrimaryKeyConstraint("user_id", "id"),
    ForeignKeyConstraint(["user_id", "bucket_id"], ["buckets.user_id", "buckets.id"], ondelete="CASCADE"),
    CheckConstraint(f"state IN {STATES}", name="state"),
    CheckConstraint("dropped_reason IS NULL OR state = 'dropped'", name="dropped_reason"),
    CheckConstraint(
        "(target IS NULL) = (target_first IS NULL) AND (target IS NULL) = (target_rank IS NULL)", name="target"
    ),
    CheckConstraint(f"times BETWEEN 1 AND {MOST_TIMES}", name="times"),
    Index(None, "user_id", "bucket_id", "position", "id", "state"),  # state: what is done is counted without the rows
)

item_tags = Table(  # which items have a tag, and how it is spelt: alike in all rows of one owner that fold alike
    "item_tags",
    metadata,
    owner(),
    Column("item_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", Folded, nullable=False),
    PrimaryKeyConstraint("user_id", "item_id", "name_folded"),
    ForeignKeyConstraint(["user_id", "item_id"], ["items.user_id", "items.id"], ondelete="CASCADE"),
    Index(None, "user_id", "name_folded", "item_id", "name"),
)


def is_owned(table: Table) -> bool:
    """Does each of its rows belong to a user? A table of any revision: only those of a directory refer to nothing."""
    return table.name == users.name or bool(table.foreign_keys)


def owner_key(table: Table) -> Column[str]:
    """Distribution key (shard key) of an owned table: the column that says whose a row is."""
    return table.c.id if table.name == users.name else table.c.user_id


OWNED = tuple(table for table in metadata.sorted_tables if is_owned(table))  # each after those that it refers to
DIRECTORY = (email_addresses, refresh_tokens, mail_links, invitations, attempts)

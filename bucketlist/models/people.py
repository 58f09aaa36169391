"""Database schema of people: accounts, where they are signed in, and mail to them."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bucketlist.models.base import Folded, Id, Time, metadata, owner

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
    Column("change_number", BigInteger, nullable=False, server_default="0"),  # the last in `changes`
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

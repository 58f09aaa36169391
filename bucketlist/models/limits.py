"""Database schema of limits and of what a request leaves: attempts, kept answers, what is still to be purged."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from bucketlist.models.base import Id, Time, metadata, owner

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

"""Database schema of the change log: every write to a recorded table, for history and for the changes feed."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bucketlist.models.base import Folded, Id, Time, metadata, owner

ACTIONS = ("created", "changed", "deleted", "restored")

changes = Table(  # what was done to which thing, in the order of the account's numbers: `auth/recording.py`
    "changes",
    metadata,
    owner(),
    Column("number", BigInteger, nullable=False),  # of the account; all that one write changes has the same
    Column("kind", Folded, nullable=False),
    Column("thing_id", Id, nullable=False),
    Column("action", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("session_id", Id),  # null: before there was a log
    Column("by_token", Integer, nullable=False),  # 1: the session is a personal token
    Column("fields", Text),  # JSON: of each that changed what it was and what it is; null where nobody says so
    PrimaryKeyConstraint("user_id", "number", "kind", "thing_id"),
    CheckConstraint(f"action IN {ACTIONS}", name="action"),
    CheckConstraint("by_token IN (0, 1)", name="by_token"),
    Index(None, "user_id", "thing_id", "kind", "number"),
)

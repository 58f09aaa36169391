"""Database schema of the trash (soft delete): what somebody deleted, until it is restored or purged."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table

from bucketlist.models.base import Folded, Id, Time, metadata, owner, where

trash = Table(  # one row for each deletion; the row that was named has its id in `trash_id`
    "trash",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("kind", Folded, nullable=False),  # as the change log has it
    Column("thing_id", Id, nullable=False),
    Column("deleted_at", Time, nullable=False),
    Column("emptied", Integer, nullable=False),  # 1: gone for good, and still to be purged
    PrimaryKeyConstraint("user_id", "id"),
    CheckConstraint("emptied IN (0, 1)", name="emptied"),
    Index(None, "user_id", "kind", "thing_id"),
    # `emptied` at the end: what a list hides is told without the rows
    where("emptied = 0", "user_id", "deleted_at", "id", "emptied"),
    where("emptied = 0", "deleted_at"),
    where("emptied = 1", "user_id", "kind", "id", "emptied"),
)

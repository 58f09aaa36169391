"""Database schema of buckets, items and tags: tables, foreign keys and database indexes of what people want to do."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from bucketlist.models.base import JSON_LIST, Folded, Id, Time, metadata, owner

STATES = ("open", "doing", "done", "dropped")
MOST_TIMES = 100_000

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

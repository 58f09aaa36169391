"""Database schema of buckets, items, tags and entries: tables, foreign keys, indexes of what people want to do."""

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

from bucketlist.models.base import (
    JSON_LIST,
    Folded,
    Id,
    Time,
    index_of_list,
    index_of_parts,
    index_of_trash,
    metadata,
    owner,
    parent,
)

STATES = ("open", "doing", "done", "dropped")
MOST_TIMES = 100_000
MOST_STARS = 5

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
    Column("trash_id", Id),  # where it lies in the trash, if it was named when it went there
    PrimaryKeyConstraint("user_id", "id"),
    parent("trash_id", "trash"),
    CheckConstraint("archived IN (0, 1)", name="archived"),
    index_of_list("position", "id", "archived"),  # archived: what a list hides is told without the rows
    index_of_trash("id"),
    info={"kind": "bucket"},  # recorded in the change log, under this name
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
    Column("times_done", Integer, nullable=False, server_default="0"),  # its entries that complete it
    Column("trash_id", Id),
    PrimaryKeyConstraint("user_id", "id"),
    parent("bucket_id", "buckets"),
    parent("trash_id", "trash"),
    CheckConstraint(f"state IN {STATES}", name="state"),
    CheckConstraint("dropped_reason IS NULL OR state = 'dropped'", name="dropped_reason"),
    CheckConstraint(
        "(target IS NULL) = (target_first IS NULL) AND (target IS NULL) = (target_rank IS NULL)", name="target"
    ),
    CheckConstraint(f"times BETWEEN 1 AND {MOST_TIMES}", name="times"),
    CheckConstraint("times_done >= 0", name="times_done"),
    index_of_parts("bucket_id", "position", "id", "state"),  # state: what is done is counted without the rows
    index_of_trash("id"),
    info={"kind": "item"},
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

entries = Table(  # the story of an item: before, at and after the day
    "entries",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("item_id", Id, nullable=False),
    Column("completes", Integer, nullable=False),  # 1 when with this it happened
    Column("title", Text),
    Column("title_folded", Folded),
    Column("date", Text),  # a fuzzy date, as it was typed
    Column("date_first", Integer),
    Column("date_rank", Integer, nullable=False),  # 0 without a date, which comes last: lists begin with the newest
    Column("story", Text),
    Column("story_folded", Folded),
    Column("people", Text, info=JSON_LIST),
    Column("people_folded", Folded),  # a line for each: `entries/queries.py`
    Column("place", Text),
    Column("place_folded", Folded),
    Column("rating", Integer),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("modified_at", Time, nullable=False),
    Column("trash_id", Id),
    PrimaryKeyConstraint("user_id", "id"),
    parent("item_id", "items"),
    parent("trash_id", "trash"),
    CheckConstraint("completes IN (0, 1)", name="completes"),
    CheckConstraint("(date IS NULL) = (date_first IS NULL) AND (date IS NULL) = (date_rank = 0)", name="date"),
    CheckConstraint(f"rating BETWEEN 1 AND {MOST_STARS}", name="rating"),
    index_of_parts("item_id", "date_rank", "id"),
    index_of_list("date_rank", "id", "item_id"),  # item_id: what a list hides is told without the rows
    index_of_trash("id", "item_id"),
    info={"kind": "entry"},
)

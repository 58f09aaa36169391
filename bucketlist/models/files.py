"""Database schema of the file storage: the rows that tell of files."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from bucketlist.models.base import (
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

files = Table(  # what people upload: what is told of it; its bytes are in the file storage, `kit/file_storage.py`
    "files",
    metadata,
    owner(),
    Column("id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("item_id", Id, nullable=False),
    Column("caption", Text),
    Column("media_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),  # of the original
    Column("sha256", Text, nullable=False),  # of the original
    Column("width", Integer, nullable=False),  # of a picture as it is seen
    Column("height", Integer, nullable=False),
    Column("taken_at", Text),  # local time, by the clock of the camera
    Column("shown_at", Folded, nullable=False),  # by what all of them are sorted: when it was taken, or else added
    Column("preview_bytes", BigInteger, nullable=False),
    Column("thumbnail_bytes", BigInteger, nullable=False),
    Column("kept_bytes", BigInteger, nullable=False),  # of all three
    Column("position", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("modified_at", Time, nullable=False),
    Column("entry_id", Id),  # of a photo of an entry, whose item is in `item_id`
    Column("trash_id", Id),  # where it lies in the trash, if it was named when it went there
    PrimaryKeyConstraint("user_id", "id"),
    parent("item_id", "items"),
    parent("entry_id", "entries"),
    parent("trash_id", "trash"),
    CheckConstraint("kind IN ('photo')", name="kind"),
    CheckConstraint("kept_bytes = bytes + preview_bytes + thumbnail_bytes", name="kept_bytes"),
    # entry_id, item_id: what is of entries, and what a list hides, is told without the rows
    index_of_parts("item_id", "position", "id", "entry_id"),
    index_of_parts("entry_id", "position", "id", "item_id"),
    # kept_bytes: they are summed up without the rows
    index_of_list("shown_at", "id", "item_id", "entry_id", "kept_bytes", name="ix_files_user_id_shown_at_id"),
    index_of_trash("id", "item_id", "kept_bytes"),
    info={"kind": "photo"},
)

"""Trash (soft delete): a table of what was deleted, a column of buckets, items, entries and files that leads there.

What was deleted and is still to be purged is that of a trash which was emptied. Foreign keys between these tables
refuse from now on, where they took along what referred to a row. Going down, what lies in the trash goes for good, or
it would be there again; its files are orphans.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FOLDED = sa.Text(collation="C").with_variant(sa.Text(collation="BINARY"), "sqlite")
PARENTS = {  # of each table, by which column it refers to which other; the innermost first
    "files": {"item_id": "items", "entry_id": "entries"},
    "entries": {"item_id": "items"},
    "items": {"bucket_id": "buckets"},
    "buckets": {},
}
PARTS = {  # of lists of what is in something, which a foreign key needs as well
    "items": [["bucket_id", "position", "id", "state"]],
    "entries": [["item_id", "date_rank", "id"]],
    "files": [["item_id", "position", "id", "entry_id"], ["entry_id", "position", "id", "item_id"]],
}
LISTS = {
    "buckets": ["position", "id", "archived"],
    "entries": ["date_rank", "id", "item_id"],
    "files": ["shown_at", "id", "item_id", "kept_bytes"],
}
NEW_LISTS = LISTS | {"files": ["shown_at", "id", "item_id", "entry_id", "kept_bytes"]}
SHORT = {"ix_files_user_id_shown_at_id_item_id_entry_id_kept_bytes_trash_id": "ix_files_user_id_shown_at_id"}
IN_TRASH = {
    "buckets": ["id"],
    "items": ["id"],
    "entries": ["id", "item_id"],
    "files": ["id", "item_id", "kept_bytes"],
}
OF_TRASH = [
    (["deleted_at"], "emptied = 0"),
    (["user_id", "deleted_at", "id", "emptied"], "emptied = 0"),
    (["user_id", "kind", "id", "emptied"], "emptied = 1"),
    (["user_id", "kind", "thing_id"], None),
]
COUNTED_ABOVE = 2048
NAMED = ("name", "name_folded", "description", "description_folded")
TEXTS = {
    "buckets": NAMED,
    "items": (*NAMED, "dropped_reason", "place", "steps", "links", "tags", "tags"),
    "entries": tuple(name + end for name in ("title", "story", "people", "place") for end in ("", "_folded")),
}
OLD_KEY = re.compile(
    r",\s*CONSTRAINT fk_\w+_user_id_\w+ FOREIGN KEY *\([^)]*\) REFERENCES \S+ \([^)]*\)( ON DELETE CASCADE)?"
)
GOING = "(SELECT user_id, id FROM tombstones WHERE kind = 'bucket')"


def upgrade() -> None:
    op.create_table(
        "trash",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", FOLDED, nullable=False),
        sa.Column("thing_id", ID, nullable=False),
        sa.Column("deleted_at", TIME, nullable=False),
        sa.Column("emptied", sa.Integer(), nullable=False),
        sa.CheckConstraint("emptied IN (0, 1)", name=op.f("ck_trash_emptied")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_trash_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_trash")),
    )
    for columns, where in OF_TRASH:
        _add_index("trash", columns, where)
    for table, parents in PARENTS.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN trash_id {'TEXT' if _is_sqlite() else 'UUID'}")
        for columns in _lists_of(table, LISTS):
            _drop_index(table, ["user_id", *columns])
        _refer(table, {**parents, "trash_id": "trash"}, parents, "")
        for columns in _lists_of(table, NEW_LISTS):
            partly = "trash_id IS NULL" if columns == NEW_LISTS.get(table) else None
            _add_index(table, ["user_id", *columns, "trash_id"], partly)
        _add_index(table, ["user_id", "trash_id", *IN_TRASH[table]], "trash_id IS NOT NULL")
    op.execute(
        "INSERT INTO trash (user_id, id, kind, thing_id, deleted_at, emptied)"  # noqa: S608  # names of ours
        f" SELECT user_id, id, 'bucket', id, modified_at, 1 FROM buckets WHERE (user_id, id) IN {GOING}"
    )
    op.execute(f"UPDATE buckets SET trash_id = id WHERE (user_id, id) IN {GOING}")  # noqa: S608  # names of ours
    op.execute(
        "INSERT INTO tombstones (user_id, kind, id)"
        " SELECT DISTINCT user_id, 'trash', user_id FROM tombstones WHERE kind = 'bucket'"
    )
    op.execute("DELETE FROM tombstones WHERE kind = 'bucket'")


def downgrade() -> None:
    _purge()
    for table, parents in PARENTS.items():
        _drop_index(table, ["user_id", "trash_id", *IN_TRASH[table]])
        for columns in _lists_of(table, NEW_LISTS):
            _drop_index(table, ["user_id", *columns, "trash_id"])
        _refer(table, parents, {**parents, "trash_id": "trash"}, " ON DELETE CASCADE")
        for columns in _lists_of(table, LISTS):
            _add_index(table, ["user_id", *columns], None)
        op.execute(f"ALTER TABLE {table} DROP COLUMN trash_id")
    for columns, _ in OF_TRASH:
        _drop_index("trash", columns)
    op.drop_table("trash")


def _lists_of(table: str, lists: dict[str, list[str]]) -> list[list[str]]:
    return [*PARTS.get(table, []), *([lists[table]] if table in lists else [])]


def _name_of(table: str, columns: list[str]) -> str:
    name = f"ix_{table}_{'_'.join(columns)}"
    return op.f(SHORT.get(name, name))


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add_index(table: str, columns: list[str], where: str | None) -> None:
    wanted = None if where is None else sa.text(where)
    op.create_index(_name_of(table, columns), table, columns, postgresql_where=wanted, sqlite_where=wanted)


def _drop_index(table: str, columns: list[str]) -> None:
    op.drop_index(_name_of(table, columns), table_name=table)


def _refer(table: str, wanted: dict[str, str], before: dict[str, str], on_delete: str) -> None:
    """Exchange the foreign keys of a table but for the one to its user."""
    keys = [
        f"CONSTRAINT fk_{table}_user_id_{column} FOREIGN KEY(user_id, {column}) REFERENCES {parent} (user_id, id)"
        for column, parent in wanted.items()
    ]
    if _is_sqlite():
        _copy(table, "".join(f", {key}{on_delete}" for key in keys))
        return
    for column in before:
        op.drop_constraint(op.f(f"fk_{table}_user_id_{column}"), table, type_="foreignkey")
    for key in keys:
        op.execute(f"ALTER TABLE {table} ADD {key}{on_delete}")


def _copy(table: str, keys: str) -> None:
    """SQLite takes another foreign key in a copy only, which is made of the table's own words and has no index yet.

    Source: https://www.sqlite.org/lang_altertable.html section 7.
    """
    connection = op.get_bind()
    found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    words = OLD_KEY.sub("", found.scalar_one()).rstrip().removesuffix(")")
    words = re.sub(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_copy", words)
    connection.exec_driver_sql(f"{words}{keys})")
    op.execute(f"INSERT INTO {table}_copy SELECT * FROM {table}")  # noqa: S608  # names of ours
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_copy RENAME TO {table}")


def _purge() -> None:
    """What lies in the trash, and in what does; by name, for SQLite looks after no foreign keys meanwhile."""
    lies = "SELECT user_id, id FROM {} WHERE trash_id IS NOT NULL"
    of_items = f"{lies.format('items')} OR (user_id, bucket_id) IN ({lies.format('buckets')})"
    gone = {
        table: f"trash_id IS NOT NULL OR (user_id, {column}) IN ({of_items})"
        for table, column in (("files", "item_id"), ("entries", "item_id"), ("items", "id"))
    }
    gone["files"] += f" OR (user_id, entry_id) IN ({lies.format('entries')})"
    gone["buckets"] = "trash_id IS NOT NULL"
    op.execute(f"DELETE FROM item_tags WHERE (user_id, item_id) IN ({of_items})")  # noqa: S608  # names of ours
    for table in PARENTS:
        if table in TEXTS:
            _give_room(table, gone[table])
        op.execute(f"DELETE FROM {table} WHERE {gone[table]}")  # noqa: S608  # names of ours
    op.execute("DELETE FROM tombstones WHERE kind = 'trash'")


def _give_room(table: str, is_gone: str) -> None:
    """What long texts counted for."""
    octets = "length(CAST({} AS BLOB))" if _is_sqlite() else "octet_length({})"
    size = " + ".join(f"coalesce({octets.format(name)}, 0)" for name in TEXTS[table])
    op.execute(
        f"UPDATE users SET text_bytes = text_bytes - (SELECT coalesce(sum({size}), 0) FROM {table}"  # noqa: S608  # names of ours
        f" WHERE user_id = users.id AND {size} > {COUNTED_ABOVE} AND ({is_gone})) WHERE text_bytes > 0"
    )

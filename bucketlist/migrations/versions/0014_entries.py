"""Entries: a table of the stories of items, and a counter of items: how many of these complete it.

Nothing has a story yet. Going down, entries are lost, and what long ones took is given back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FOLDED = sa.Text(collation="C").with_variant(sa.Text(collation="BINARY"), "sqlite")
COUNT = "INTEGER DEFAULT '0' NOT NULL CONSTRAINT ck_items_times_done CHECK (times_done >= 0)"
LISTS = {
    "ix_entries_user_id_item_id_date_rank_id": ["user_id", "item_id", "date_rank", "id"],
    "ix_entries_user_id_date_rank_id_item_id": ["user_id", "date_rank", "id", "item_id"],
}
COUNTED_ABOVE = 2048
FOLDED_TEXTS = ("title", "story", "people", "place")
TEXTS = (*FOLDED_TEXTS, *(f"{name}_folded" for name in FOLDED_TEXTS))


def upgrade() -> None:
    op.execute(f"ALTER TABLE items ADD COLUMN times_done {COUNT}")
    op.create_table(
        "entries",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("completes", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("title_folded", FOLDED, nullable=True),
        sa.Column("date", sa.Text(), nullable=True),
        sa.Column("date_first", sa.Integer(), nullable=True),
        sa.Column("date_rank", sa.Integer(), nullable=False),
        sa.Column("story", sa.Text(), nullable=True),
        sa.Column("story_folded", FOLDED, nullable=True),
        sa.Column("people", sa.Text(), nullable=True),
        sa.Column("people_folded", FOLDED, nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("place_folded", FOLDED, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("modified_at", TIME, nullable=False),
        sa.CheckConstraint("completes IN (0, 1)", name=op.f("ck_entries_completes")),
        sa.CheckConstraint(
            "(date IS NULL) = (date_first IS NULL) AND (date IS NULL) = (date_rank = 0)", name=op.f("ck_entries_date")
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_entries_rating")),
        sa.ForeignKeyConstraint(
            ["user_id", "item_id"],
            ["items.user_id", "items.id"],
            name=op.f("fk_entries_user_id_item_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_entries_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_entries")),
    )
    for name, columns in LISTS.items():
        op.create_index(op.f(name), "entries", columns, unique=False)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    octets = "length(CAST({} AS BLOB))" if is_sqlite else "octet_length({})"
    size = " + ".join(f"coalesce({octets.format(name)}, 0)" for name in TEXTS)
    op.execute(
        "UPDATE users SET text_bytes = text_bytes - (SELECT coalesce(sum(size), 0) FROM"  # noqa: S608  # names of ours
        f" (SELECT {size} AS size FROM entries WHERE user_id = users.id) AS each"
        f" WHERE size > {COUNTED_ABOVE}) WHERE text_bytes > 0"
    )
    for name in LISTS:
        op.drop_index(op.f(name), table_name="entries")
    op.drop_table("entries")
    op.execute("ALTER TABLE items DROP COLUMN times_done")

"""Tags: a table of which items have them, beside a column of items that is read without it.

Nothing has a tag yet. Going down, tags are lost, and what long ones took is given back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
FOLDED = sa.Text(collation="C").with_variant(sa.Text(collation="BINARY"), "sqlite")
INDEX = "ix_item_tags_user_id_name_folded_item_id_name"
COUNTED_ABOVE = 2048
TEXTS = ("name", "name_folded", "description", "description_folded", "dropped_reason", "place", "steps", "links")


def upgrade() -> None:
    op.execute("ALTER TABLE items ADD COLUMN tags TEXT")
    op.create_table(
        "item_tags",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", FOLDED, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id", "item_id"],
            ["items.user_id", "items.id"],
            name=op.f("fk_item_tags_user_id_item_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_item_tags_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "item_id", "name_folded", name=op.f("pk_item_tags")),
    )
    op.create_index(op.f(INDEX), "item_tags", ["user_id", "name_folded", "item_id", "name"], unique=False)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    octets = "length(CAST({} AS BLOB))" if is_sqlite else "octet_length({})"
    less = " + ".join(f"coalesce({octets.format(name)}, 0)" for name in TEXTS)
    more = f"{less} + 2 * {octets.format('tags')}"
    counted = "CASE WHEN {0} > {1} THEN {0} ELSE 0 END"
    lost = f"{counted.format(more, COUNTED_ABOVE)} - {counted.format(less, COUNTED_ABOVE)}"
    op.execute(
        f"UPDATE users SET text_bytes = text_bytes - (SELECT coalesce(sum({lost}), 0) FROM items"  # noqa: S608  # names of ours
        " WHERE user_id = users.id AND tags IS NOT NULL) WHERE text_bytes > 0"
    )
    op.drop_index(op.f(INDEX), table_name="item_tags")
    op.drop_table("item_tags")
    op.execute("ALTER TABLE items DROP COLUMN tags")

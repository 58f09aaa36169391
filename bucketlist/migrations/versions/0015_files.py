"""File storage: the rows of what people upload.

Nobody has any yet. Going down, what is told of files is lost, and they are orphans.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FOLDED = sa.Text(collation="C").with_variant(sa.Text(collation="BINARY"), "sqlite")
INDEXES = {
    "ix_files_user_id_item_id_position_id": ["user_id", "item_id", "position", "id"],
    "ix_files_user_id_shown_at_id_item_id_kept_bytes": ["user_id", "shown_at", "id", "item_id", "kept_bytes"],
}


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=True),
        sa.Column("shown_at", FOLDED, nullable=False),
        sa.Column("preview_bytes", sa.BigInteger(), nullable=False),
        sa.Column("thumbnail_bytes", sa.BigInteger(), nullable=False),
        sa.Column("kept_bytes", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("modified_at", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('photo')", name=op.f("ck_files_kind")),
        sa.CheckConstraint("kept_bytes = bytes + preview_bytes + thumbnail_bytes", name=op.f("ck_files_kept_bytes")),
        sa.ForeignKeyConstraint(
            ["user_id", "item_id"],
            ["items.user_id", "items.id"],
            name=op.f("fk_files_user_id_item_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_files_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_files")),
    )
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "files", columns, unique=False)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(op.f(name), table_name="files")
    op.drop_table("files")

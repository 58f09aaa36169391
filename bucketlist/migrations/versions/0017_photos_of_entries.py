"""Photos of entries: a column that says of which one a photo is; those that are there are of their item itself.

Going down, photos of entries become photos of their items: no file is lost, but where it belonged is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
OF_ITEMS = "ix_files_user_id_item_id_position_id"
OF_ITEMS_THEMSELVES = "ix_files_user_id_item_id_position_id_entry_id"
OF_ENTRIES = "ix_files_user_id_entry_id_position_id_item_id"
REFERENCE = "fk_files_user_id_entry_id"


def upgrade() -> None:
    op.drop_index(op.f(OF_ITEMS), table_name="files")
    with op.batch_alter_table("files") as files:
        files.add_column(sa.Column("entry_id", ID, nullable=True))
        files.create_foreign_key(
            op.f(REFERENCE), "entries", ["user_id", "entry_id"], ["user_id", "id"], ondelete="CASCADE"
        )
    op.create_index(
        op.f(OF_ITEMS_THEMSELVES), "files", ["user_id", "item_id", "position", "id", "entry_id"], unique=False
    )
    op.create_index(op.f(OF_ENTRIES), "files", ["user_id", "entry_id", "position", "id", "item_id"], unique=False)


def downgrade() -> None:
    for name in (OF_ENTRIES, OF_ITEMS_THEMSELVES):
        op.drop_index(op.f(name), table_name="files")
    with op.batch_alter_table("files") as files:
        files.drop_constraint(op.f(REFERENCE), type_="foreignkey")
        files.drop_column("entry_id")
    op.create_index(op.f(OF_ITEMS), "files", ["user_id", "item_id", "position", "id"], unique=False)

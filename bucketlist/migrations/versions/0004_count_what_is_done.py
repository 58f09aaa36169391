"""Covering index of items: count what is done in a bucket from it alone, without a look at every item."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OLD = "ix_items_user_id_bucket_id_position_id"
NEW = "ix_items_user_id_bucket_id_position_id_state"
COLUMNS = ["user_id", "bucket_id", "position", "id"]


def upgrade() -> None:
    op.create_index(op.f(NEW), "items", [*COLUMNS, "state"], unique=False)
    op.drop_index(op.f(OLD), table_name="items")


def downgrade() -> None:
    op.create_index(op.f(OLD), "items", COLUMNS, unique=False)
    op.drop_index(op.f(NEW), table_name="items")

"""Archive: a column of buckets that says which are out of the way, and a covering index that lists are counted from.

No bucket is archived by it. Going down, all of them are in their lists again.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OLD = "ix_buckets_user_id_position_id"
NEW = "ix_buckets_user_id_position_id_archived"
COLUMNS = ["user_id", "position", "id"]
KIND = "INTEGER DEFAULT '0' NOT NULL CONSTRAINT ck_buckets_archived CHECK (archived IN (0, 1))"


def upgrade() -> None:
    op.execute(f"ALTER TABLE buckets ADD COLUMN archived {KIND}")
    op.create_index(op.f(NEW), "buckets", [*COLUMNS, "archived"], unique=False)
    op.drop_index(op.f(OLD), table_name="buckets")


def downgrade() -> None:
    op.create_index(op.f(OLD), "buckets", COLUMNS, unique=False)
    op.drop_index(op.f(NEW), table_name="buckets")
    op.execute("ALTER TABLE buckets DROP COLUMN archived")

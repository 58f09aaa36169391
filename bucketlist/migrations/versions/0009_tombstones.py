"""Soft delete with tombstones: what was deleted is hidden at once, and its rows are purged in batches.

Going down, what is still to be purged goes at once, or it would be there again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
COUNTED_ABOVE = 2048
TEXTS = ("name", "name_folded", "description", "description_folded")
BUCKETS = "(SELECT user_id, id FROM tombstones WHERE kind = 'bucket')"
ACCOUNTS = "(SELECT user_id FROM tombstones WHERE kind = 'account')"
OWNED = ("items", "buckets", "idempotency_keys", "blacklisted_tokens", "known_networks", "refresh_tokens")


def upgrade() -> None:
    op.create_table(
        "tombstones",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tombstones_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", "id", name=op.f("pk_tombstones")),
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    octets = "length(CAST({} AS BLOB))" if is_sqlite else "octet_length({})"
    size = " + ".join(f"coalesce({octets.format(name)}, 0)" for name in TEXTS)
    for table, bucket in (("items", "bucket_id"), ("buckets", "id")):
        gone = f"FROM {table} WHERE (user_id, {bucket}) IN {BUCKETS}"
        held = f"SELECT coalesce(sum({size}), 0) {gone} AND user_id = users.id AND {size} > {COUNTED_ABOVE}"
        op.execute(f"UPDATE users SET text_bytes = text_bytes - ({held}) WHERE id IN (SELECT user_id FROM tombstones)")  # noqa: S608  # names of ours
        op.execute(f"DELETE {gone}")
    for table in OWNED:  # by name, for SQLite looks after no foreign keys meanwhile
        op.execute(f"DELETE FROM {table} WHERE user_id IN {ACCOUNTS}")  # noqa: S608  # names of ours
    op.execute(f"DELETE FROM users WHERE id IN {ACCOUNTS}")  # noqa: S608  # names of ours
    op.drop_table("tombstones")

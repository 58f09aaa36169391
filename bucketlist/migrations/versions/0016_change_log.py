"""Change log: what was done to which bucket, item, entry and photo, and the number of an account’s last change.

What is there keeps its version, and gets the row that its making would have left, at that number: so the changes feed
begins with everything. Going down, the log is lost, and what its long words took is given back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FOLDED = sa.Text(collation="C").with_variant(sa.Text(collation="BINARY"), "sqlite")
COUNTED_ABOVE = 2048
INDEX = "ix_changes_user_id_thing_id_kind_number"
THERE = {"bucket": "buckets", "entry": "entries", "item": "items", "photo": "files"}


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN change_number BIGINT DEFAULT '0' NOT NULL")
    op.create_table(
        "changes",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", FOLDED, nullable=False),
        sa.Column("thing_id", ID, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=True),
        sa.Column("by_token", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.CheckConstraint("action IN ('created', 'changed', 'deleted', 'restored')", name=op.f("ck_changes_action")),
        sa.CheckConstraint("by_token IN (0, 1)", name=op.f("ck_changes_by_token")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_changes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "number", "kind", "thing_id", name=op.f("pk_changes")),
    )
    for kind, table in THERE.items():
        op.execute(
            "INSERT INTO changes (user_id, number, kind, thing_id, action, at, actor_id, by_token)"  # noqa: S608  # names of ours
            f" SELECT user_id, version, '{kind}', id, 'created', created_at, user_id, 0 FROM {table}"
        )
    op.create_index(op.f(INDEX), "changes", ["user_id", "thing_id", "kind", "number"], unique=False)
    op.execute(
        "UPDATE users SET change_number = (SELECT max(number) FROM changes WHERE changes.user_id = users.id)"
        " WHERE id IN (SELECT user_id FROM changes)"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    size = "length(CAST(fields AS BLOB))" if is_sqlite else "octet_length(fields)"
    op.execute(
        f"UPDATE users SET text_bytes = text_bytes - (SELECT coalesce(sum({size}), 0) FROM changes"  # noqa: S608  # names of ours
        f" WHERE user_id = users.id AND {size} > {COUNTED_ABOVE}) WHERE text_bytes > 0"
    )
    op.drop_index(op.f(INDEX), table_name="changes")
    op.drop_table("changes")
    op.execute("ALTER TABLE users DROP COLUMN change_number")

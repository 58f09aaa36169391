"""Storage quota: count the bytes that long texts take, for each account.

The sums are made first, while nobody waits; then the column, and what it holds, in a moment. What a worker of the
version before writes in that moment, or later, is not counted: going down to 0006 and up again counts anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNTED_ABOVE = 2048
TEXTS = ("name", "name_folded", "description", "description_folded")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    octets = "length(CAST({} AS BLOB))" if is_sqlite else "octet_length({})"
    size = " + ".join(f"coalesce({octets.format(name)}, 0)" for name in TEXTS)
    sizes = " UNION ALL ".join(f"SELECT user_id, {size} AS size FROM {table}" for table in ("buckets", "items"))  # noqa: S608  # names of ours
    wanted = f"SELECT user_id, sum(size) AS size FROM ({sizes}) AS texts WHERE size > {COUNTED_ABOVE} GROUP BY user_id"  # noqa: S608  # names of ours
    op.execute(f"CREATE TEMPORARY TABLE held AS {wanted}")
    op.add_column("users", sa.Column("text_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE users SET text_bytes = held.size FROM held WHERE held.user_id = users.id")
    op.execute("DROP TABLE held")


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.drop_column("text_bytes")

"""Personal access tokens: let a session be one, with a hash, a name, a scope, and perhaps never used."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("token_hash", sa.Text(), nullable=True))
        sessions.add_column(sa.Column("name", sa.Text(), nullable=True))
        sessions.add_column(sa.Column("scope", sa.Text(), nullable=True))
        sessions.alter_column("last_used_at", existing_type=TIME, nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM sessions WHERE token_hash IS NOT NULL")
    with op.batch_alter_table("sessions") as sessions:
        sessions.alter_column("last_used_at", existing_type=TIME, nullable=False)
        sessions.drop_column("scope")
        sessions.drop_column("name")
        sessions.drop_column("token_hash")

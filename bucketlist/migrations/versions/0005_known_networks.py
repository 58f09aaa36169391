"""Known networks, from which accounts were got into; end sessions made before an email verification.

Whoever signed up with somebody else's address kept their session and their personal tokens when its owner confirmed it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

END_SESSIONS = """
    DELETE FROM sessions WHERE EXISTS (
        SELECT 1 FROM users WHERE users.id = sessions.user_id AND users.email_confirmed_at > sessions.created_at
    )
"""
END_REFRESH_TOKENS = """
    DELETE FROM refresh_tokens WHERE token_hash IN (
        SELECT tokens.token_hash FROM refresh_tokens AS tokens
        LEFT JOIN sessions ON sessions.user_id = tokens.user_id AND sessions.id = tokens.session_id
        WHERE sessions.id IS NULL
    )
"""


def upgrade() -> None:
    op.create_table(
        "known_networks",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("network_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_networks_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "network_hash", name=op.f("pk_known_networks")),
    )
    op.create_index(op.f("ix_known_networks_expires_at"), "known_networks", ["expires_at"], unique=False)
    op.execute(END_SESSIONS)
    op.execute(END_REFRESH_TOKENS)


def downgrade() -> None:
    op.drop_index(op.f("ix_known_networks_expires_at"), table_name="known_networks")
    op.drop_table("known_networks")

"""Outbox of mail: what is to be sent, the links in it, and which addresses are confirmed (email verification)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FOLDED = sa.Text(collation="C").with_variant(sa.Text(collation="BINARY"), "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("email_confirmed_at", TIME, nullable=True))
    op.create_table(
        "letters",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", TIME, nullable=False),
        sa.Column("given_up_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_letters_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_next_try_at"), "letters", ["next_try_at"], unique=False)
    op.create_table(
        "mail_links",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("email_folded", FOLDED, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_mail_links")),
    )
    op.create_index(op.f("ix_mail_links_expires_at"), "mail_links", ["expires_at"], unique=False)
    op.create_index(op.f("ix_mail_links_user_id_kind"), "mail_links", ["user_id", "kind"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_mail_links_user_id_kind"), table_name="mail_links")
    op.drop_index(op.f("ix_mail_links_expires_at"), table_name="mail_links")
    op.drop_table("mail_links")
    op.drop_index(op.f("ix_letters_next_try_at"), table_name="letters")
    op.drop_table("letters")
    with op.batch_alter_table("users") as users:
        users.drop_column("email_confirmed_at")

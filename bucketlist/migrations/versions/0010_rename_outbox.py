"""Rename two tables to what the code calls them: `letters` to `outbox`, `emails` to `email_addresses`.

With their constraints and indexes, so that later steps can speak of those. All rows stay. A worker of the version
before finds neither table from then on: what needs them is 503 until the new version serves.
"""

import re

import sqlalchemy as sa
from alembic import op

from bucketlist.migrations.opening import has_citus

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMES = (("letters", "outbox"), ("emails", "email_addresses"))
CONSTRAINTS = sa.text(
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = CAST(:name AS regclass)"
)
FOREIGN_KEYS = sa.text(f"{CONSTRAINTS} AND contype = 'f'")
INDEXES = sa.text(
    "SELECT relname, NULL FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    " WHERE indrelid = CAST(:name AS regclass)"
)
MADE = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL ORDER BY type <> 'table'")


def upgrade() -> None:
    for before, after in NAMES:
        _rename(before, after)


def downgrade() -> None:
    for before, after in NAMES:
        _rename(after, before)


def _rename(old: str, new: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _make_anew(connection, old, new)
        return
    op.rename_table(old, new)
    quote = connection.dialect.identifier_preparer.quote
    constraints, changes = CONSTRAINTS, ["ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}"]
    if has_citus(connection):  # which renames no constraint
        begin = "ALTER TABLE {table} "
        constraints, changes = FOREIGN_KEYS, [begin + "DROP CONSTRAINT {old}", begin + "ADD CONSTRAINT {new} {what}"]
    # Indexes first, for a primary key has the name of its own.
    for names, commands in ((INDEXES, ["ALTER INDEX {old} RENAME TO {new}"]), (constraints, changes)):
        for name, what in connection.execute(names, {"name": new}).all():
            wanted = re.sub(rf"^((?:fk|ix|pk)_)?{old}(?=_|$)", rf"\1{new}", name)
            if wanted != name:
                for command in commands:
                    op.execute(command.format(table=new, old=quote(name), new=quote(wanted), what=what))


def _make_anew(connection: sa.Connection, old: str, new: str) -> None:
    """SQLite cannot rename a constraint: the table is made by the statement that made it, with the other name."""
    made = connection.scalars(MADE, {"name": old}).all()
    table, *others = (re.sub(rf"(?<![A-Za-z]){old}(?![A-Za-z])", new, sql) for sql in made)
    connection.exec_driver_sql(table)
    connection.exec_driver_sql(f"INSERT INTO {new} SELECT * FROM {old}")  # noqa: S608  # names of ours
    connection.exec_driver_sql(f"DROP TABLE {old}")
    for sql in others:
        connection.exec_driver_sql(sql)

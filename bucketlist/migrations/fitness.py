"""Database compatibility check: can we work with this one, and is it ours?

Asked before it is touched; each no is a sentence.

Source: https://www.postgresql.org/docs/current/multibyte.html, https://www.sqlite.org/pragma.html#pragma_application_id
"""

import sqlite3

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bucketlist.migrations import RENAMED
from bucketlist.models import metadata

OLDEST_POSTGRESQL = 14
OLDEST_SQLITE = (3, 35, 0)  # RETURNING
ITS_OWN = "give bucketlist a database of its own"
OF_POSTGRESQL = text("""
SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), current_schema(),
  (SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid = to_regclass('alembic_version'))
""")


NAMES_ON_SQLITE = text("SELECT name FROM sqlite_master WHERE type <> 'trigger'")
NAMES_ON_POSTGRESQL = text(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = current_schema()"
)


class MigrationError(Exception):
    """The schema cannot be moved, or the database not be used; the message says in a sentence why."""


def refuse_unfit(connection: Connection) -> None:
    """Check compatibility. Raises: `MigrationError` when the database lacks what we need, or is somebody else's."""
    if connection.dialect.name == "postgresql":
        _refuse_postgresql(connection)
    else:
        _refuse_sqlite(connection)
    _refuse_others(connection)


def _refuse_postgresql(connection: Connection) -> None:
    version, encoding, schema, schema_of_revision = connection.execute(OF_POSTGRESQL).one()
    if version < OLDEST_POSTGRESQL:
        raise MigrationError(f"The server is PostgreSQL {version}; bucketlist takes {OLDEST_POSTGRESQL} or newer.")
    if encoding != "UTF8":
        raise MigrationError(
            f"The database is encoded in {encoding}, which cannot hold every text; make one with ENCODING 'UTF8'."
        )
    if schema is None or schema.startswith("pg_"):  # pg_temp ends with the connection, pg_catalog is the server's
        raise MigrationError(
            "There is no schema that search_path names and this role may use; make it first, or name another."
        )
    if schema_of_revision not in (None, schema):
        raise MigrationError(
            f"search_path begins with {schema}, but finds tables in {schema_of_revision}; let it name one of the two."
        )


def _refuse_sqlite(connection: Connection) -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise MigrationError(f"SQLite {sqlite3.sqlite_version} is too old; bucketlist takes 3.35 or newer.")
    encoding = connection.exec_driver_sql("PRAGMA encoding").scalar()
    if encoding != "UTF-8":
        raise MigrationError(f"The database is encoded in {encoding}, and would sort otherwise; {ITS_OWN}.")
    if connection.exec_driver_sql("PRAGMA application_id").scalar():
        raise MigrationError(f"The file is the database of another program; {ITS_OWN}.")


def _refuse_others(connection: Connection) -> None:
    """Another application may have a revision 0001 too, so the tables tell whose it is."""
    names = set(inspect(connection).get_table_names())
    heads = MigrationContext.configure(connection).get_current_heads() if "alembic_version" in names else ()
    if heads:
        if len(heads) > 1 or not _has_our_tables(connection, names):
            raise MigrationError(f"The database belongs to another application; {ITS_OWN}.")
    elif taken := _names_taken(connection) & _names_wanted():
        kind = "table" if min(taken) in names else "view, index or the like named"
        raise MigrationError(f"There is a {kind} {min(taken)} that bucketlist did not make; {ITS_OWN}.")
    elif names - {"alembic_version"} and connection.dialect.name == "sqlite":
        raise MigrationError(f"The file is the database of another program; {ITS_OWN}.")


def _names_taken(connection: Connection) -> set[str]:
    """Of whatever shares its names with tables: views, indexes, sequences."""
    is_sqlite = connection.dialect.name == "sqlite"
    return set(connection.scalars(NAMES_ON_SQLITE if is_sqlite else NAMES_ON_POSTGRESQL))


def _names_wanted() -> set[str]:
    """Of tables and indexes, also as they were called when they were made: a schema goes through all its revisions."""
    indexes = {str(index.name) for table in metadata.tables.values() for index in table.indexes}
    names = {*metadata.tables, *indexes}
    return names | {name.replace(new, old) for new, old in RENAMED.items() for name in names}


def _has_our_tables(connection: Connection, names: set[str]) -> bool:
    """One of two is enough: who has lost the other is damaged, but ours."""
    wanted = {"items": "bucket_id", "buckets": "user_id"}
    return any(
        column in {found["name"] for found in inspect(connection).get_columns(table)}
        for table, column in wanted.items()
        if table in names
    )

"""The SQL of health."""

import sqlite3

from sqlalchemy import column, select, table

from bucketlist.kit.db import Statement, execute
from bucketlist.kit.postgres import StatementProblem

REVISION = Statement(select(column("version_num")).select_from(table("alembic_version")))


def find_revision() -> str | None:
    """That of the schema in the database, or None when there is no schema of ours yet. Raises: `Unavailable`."""
    try:
        rows = execute(REVISION, {})
    except (sqlite3.OperationalError, StatementProblem):  # there is no such table
        return None
    return str(rows[0][0]) if rows else None

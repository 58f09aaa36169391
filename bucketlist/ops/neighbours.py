"""Database locks and sessions of others: does anybody use the database beside this process?

SQLite tells it by a lock: nobody leaves the write-ahead log while somebody else has the file open. PostgreSQL lists its
sessions, whoever asks.

Source: https://www.sqlite.org/wal.html section 8, https://www.postgresql.org/docs/current/monitoring-stats.html
"""

import sqlite3
from contextlib import closing, suppress

from sqlalchemy import text

from bucketlist.config import Settings
from bucketlist.kit.db.sqlite_file import open_file
from bucketlist.migrations import runner

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
OTHERS = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
AND application_name NOT LIKE 'citus_internal%'
""")


def is_in_use(settings: Settings) -> bool:
    """Are there other connections to the database? One that is away or not ours is told by whoever opens it next."""
    if runner.is_missing(settings):
        return False
    if not settings.database_url:
        return _is_file_in_use(settings)
    with suppress(runner.MigrationError), runner.snapshot(settings) as connection:
        return bool(connection.scalar(OTHERS))
    return False


def _is_file_in_use(settings: Settings) -> bool:
    try:
        with closing(open_file(settings.sqlite_path, timeout=0)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in BUSY
    return False

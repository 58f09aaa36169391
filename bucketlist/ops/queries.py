"""The SQL of health, and of what the server does for durability."""

from sqlalchemy import column, func, select, table

from bucketlist.kit.db import Driver, SchemaLost, Statement, database, execute
from bucketlist.models import users

REVISION = Statement(select(column("version_num")).select_from(table("alembic_version")))
ANYBODY = Statement(select(users.c.id).limit(1))
DURABILITY_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")
DURABILITY = Statement(select(*(func.current_setting(name).label(name) for name in DURABILITY_SETTINGS)))


def find_revision() -> str | None:
    """That of the schema in the database, or None when there is no schema of ours yet. Raises: `Unavailable`."""
    try:
        rows = execute(REVISION, {})
    except SchemaLost:  # there is no such table
        return None
    return str(rows[0][0]) if rows else None


def find_revision_as_served(driver: Driver) -> str | None:
    """The same, on a connection as the pool would open it. Raises: `Unavailable`."""
    connection = driver.connect()
    try:
        rows = connection.run(REVISION.compiled(driver.dialect), {})
    except SchemaLost:
        return None
    finally:
        connection.close()
    return str(rows[0][0]) if rows else None


def has_people() -> bool:
    """Raises: `Unavailable`."""
    return bool(execute(ANYBODY, {}))


def find_weak_settings() -> list[str]:
    """The settings of PostgreSQL by which it may lose what it has acknowledged; SQLite has them from us.

    Raises: `Unavailable`.
    """
    if database().driver.dialect.name != "postgresql":
        return []
    values = execute(DURABILITY, {})[0]
    return [name for name, value in zip(DURABILITY_SETTINGS, values, strict=True) if value == "off"]

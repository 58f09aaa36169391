"""SQL queries of health checks, and of what the server does for durability."""

from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import array

from bucketlist.kit import clock
from bucketlist.kit.db.database import Statement, database, execute
from bucketlist.kit.db.driver import Driver
from bucketlist.kit.db.errors import SchemaLost
from bucketlist.models import metadata, users

VERSION: Select[str] = select(column("version_num")).select_from(table("alembic_version"))
REVISION = Statement(VERSION)
EVERY_TABLE = and_(*(not_(exists(select(*table.c).where(false()))) for table in metadata.sorted_tables))  # reads no row
SHAPE = Statement(VERSION.where(EVERY_TABLE))

_name = func.unnest(array([literal(table.name) for table in metadata.sorted_tables])).column_valued("name")
_rights = [func.has_table_privilege(_name, right) for right in ("INSERT", "UPDATE", "DELETE")]
_closed = select(func.string_agg(_name, ", ")).where(or_(func.row_security_active(_name), not_(and_(*_rights))))
SHAPE_AND_RIGHTS = Statement(VERSION.add_columns(_closed.scalar_subquery()).where(EVERY_TABLE))

_path = func.string_to_array(func.translate(func.current_setting("search_path"), ' "', ""), ",")
_is_closed = not_(func.has_schema_privilege(column("oid"), "USAGE"))
CLOSED_SCHEMAS = Statement(
    select(func.string_agg(column("nspname"), ", "))
    .select_from(table("pg_namespace"))
    .where(column("nspname") == func.any(_path), _is_closed)
)
ANYBODY = Statement(select(users.c.id).limit(1))
DURABILITY_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")
DURABILITY = Statement(select(*(func.current_setting(name).label(name) for name in DURABILITY_SETTINGS)))
CLOCK = Statement(select(cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)))
SERVERS_LIKE = "bucketlist, key %"  # `Settings.server_name`
NAMED_OTHERWISE = Statement(
    select(column("application_name"))
    .select_from(table("pg_stat_activity"))
    .where(
        column("datname") == func.current_database(),
        column("application_name").like(SERVERS_LIKE),
        column("application_name") != bindparam("name"),
    )
    .limit(1)
)


class Schema(NamedTuple):
    """The revision that is written in it, and the tables that this role may read, but not write or see all of."""

    revision: str | None
    closed_tables: str | None


def find_schema() -> Schema:
    """What is there and can be used, told without reading a row of anybody’s.

    Raises: `SchemaLost` when a table or column of this version is not there or not in sight, `Unavailable`.
    """
    if database().driver.dialect.name != "postgresql":
        rows = [(*row, None) for row in execute(SHAPE, {})]
    else:
        rows = [tuple(row) for row in execute(SHAPE_AND_RIGHTS, {})]
    return Schema(*rows[0]) if rows else Schema(None, None)


def find_closed_schemas() -> str | None:
    """Those that search_path names and this role may not use, so that their tables are out of sight."""
    if database().driver.dialect.name != "postgresql":
        return None
    found: str | None = execute(CLOSED_SCHEMAS, {})[0][0]
    return found


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
    """Durability settings by which PostgreSQL may lose what it has acknowledged; SQLite has them from us.

    Raises: `Unavailable`.
    """
    if database().driver.dialect.name != "postgresql":
        return []
    values = execute(DURABILITY, {})[0]
    return [name for name, value in zip(DURABILITY_SETTINGS, values, strict=True) if value == "off"]


def is_any_named_otherwise(name: str) -> bool:
    """Is a server with another secret key connected to this database? SQLite has no others. Raises: `Unavailable`."""
    return database().driver.dialect.name == "postgresql" and bool(execute(NAMED_OTHERWISE, {"name": name}))


def find_clock_skew() -> float:
    """Seconds by which the database's clock is ahead of this machine's; SQLite has no other. Raises: `Unavailable`."""
    if database().driver.dialect.name != "postgresql":
        return 0.0
    before = clock.now().timestamp()
    there = execute(CLOCK, {})[0][0] / 1000
    return float(there - (before + clock.now().timestamp()) / 2)

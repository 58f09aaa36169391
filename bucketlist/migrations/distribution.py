"""Sharding over several servers by Citus: which table goes where, and what has to be there before.

A table whose `user_id` is a foreign key belongs to a user: its rows lie with that user's, on one server. All others,
the directory and the revision, stay with the coordinator, as tables that its cluster knows, so that a transaction which
writes to both is atomic.

Source: https://docs.citusdata.com/en/stable/develop/api_udf.html
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, text

from bucketlist.config import Settings
from bucketlist.kit.db.address import OPTIONS
from bucketlist.migrations.fitness import MigrationError
from bucketlist.migrations.opening import has_citus, snapshot, transaction
from bucketlist.models import is_owned, metadata, owner_key, users

REVISION = "alembic_version"
IS_SPREAD = text("SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = to_regclass(:name) AND partmethod = 'h'")
KNOWN = text("""
SELECT relname FROM pg_dist_partition JOIN pg_class ON oid = logicalrelid
WHERE relnamespace = quote_ident(current_schema())::regnamespace
""")
SERVERS = text("""
SELECT nodename || ':' || nodeport AS place, groupid = 0 AS is_coordinator FROM pg_dist_node
WHERE noderole = 'primary' AND isactive AND (groupid = 0 OR shouldhaveshards) ORDER BY groupid
""")
ON_ALL = text("""
SELECT nodename || ':' || nodeport AS place, success, result, groupid = 0 AS is_coordinator
FROM run_command_on_all_nodes(:command) JOIN pg_dist_node USING (nodeid) ORDER BY groupid
""")
SPREAD = text("SELECT create_distributed_table(CAST(:name AS regclass), :column, colocate_with => :beside)")
KEEP = text("SELECT citus_add_local_table_to_metadata(CAST(:name AS regclass))")
FORGET_COPY = text("SELECT truncate_local_data_after_distributing_table(CAST(:name AS regclass))")

NO_POSTGRESQL = "SQLite is one file on one machine; what can be distributed is PostgreSQL: see DATABASE_URL."
NO_EXTENSION = "The database has no extension citus; CREATE EXTENSION citus in it first, on every server."
NO_COORDINATOR = "The coordinator does not know its own address; call citus_set_coordinator_host first."
NO_SERVERS = "There are no servers to distribute to; call citus_add_node for each first."


class Plan(NamedTuple):
    """The names of tables: those to be distributed, each after those that it refers to, and those to be kept."""

    owned: list[str]
    kept: list[str]
    servers: list[str]

    def __str__(self) -> str:
        told = []
        if self.owned:
            told.append(f"distributes by user, to {', '.join(self.servers)}: {', '.join(self.owned)}")
        if self.kept:
            told.append(f"keeps at the coordinator: {', '.join(self.kept)}")
        return f"This {'; and '.join(told)}."


def is_distributed(connection: Connection) -> bool:
    """Are users spread over several servers?"""
    return has_citus(connection) and bool(connection.scalar(IS_SPREAD, {"name": users.name}))


def plan(settings: Settings) -> Plan | None:
    """What is to be distributed at the schema of this version; None when all is. Raises: `MigrationError`."""
    if not settings.database_url:
        raise MigrationError(NO_POSTGRESQL)
    with snapshot(settings) as connection:
        _refuse_unready(connection)
        owned, kept = _new(connection, metadata.sorted_tables)
        servers = [row.place for row in connection.execute(SERVERS) if not row.is_coordinator]
    return Plan([table.name for table in owned], kept, servers) if owned or kept else None


def distribute_all(settings: Settings) -> None:
    """Do what is planned: all of it, or nothing. Raises: `MigrationError`."""
    with transaction(settings) as connection:
        distribute(connection, metadata.sorted_tables)


def check_role(settings: Settings) -> None:
    """Raises: `MigrationError` when a server of the database would have somebody wait for a lock without end."""
    with snapshot(settings) as connection:
        _refuse_endless_waits(connection)


def distribute(connection: Connection, tables: Iterable[Table]) -> None:
    """Distribute those of `tables`, each after those that it refers to, which are not yet; rows and all."""
    owned, kept = _new(connection, tables)
    for table in owned:
        beside = "none" if table.name == users.name else users.name
        connection.execute(SPREAD, {"name": table.name, "column": owner_key(table).name, "beside": beside})
    for name in kept:
        connection.execute(KEEP, {"name": name})
    for table in reversed(owned):
        connection.execute(FORGET_COPY, {"name": table.name})


def _refuse_unready(connection: Connection) -> None:
    """Raises: `MigrationError` when something is missing without which it could not be distributed, or not safely."""
    if not has_citus(connection):
        raise MigrationError(NO_EXTENSION)
    kinds = {row.is_coordinator for row in connection.execute(SERVERS)}
    if True not in kinds:
        raise MigrationError(NO_COORDINATOR)
    if False not in kinds:
        raise MigrationError(NO_SERVERS)
    answers = _ask(connection, "SHOW max_prepared_transactions")
    if silent := [f"{row.place} ({row.result})" for row in answers if not row.success]:
        raise MigrationError(f"These servers do not answer: {', '.join(silent)}.")
    if without := [row.place for row in answers if row.result == "0"]:
        raise MigrationError(
            f"max_prepared_transactions is 0 at {', '.join(without)}, so that no transaction on two servers would be "
            "safe; set it to max_connections or more, and restart them."
        )
    _refuse_endless_waits(connection)


def _refuse_endless_waits(connection: Connection) -> None:
    """Raises: `MigrationError` when the role has no lock_timeout at a server: that of a session stays here."""
    answers = _ask(connection, "SHOW lock_timeout")
    if without := [row.place for row in answers if row.result == "0" and not row.is_coordinator]:
        role = connection.dialect.identifier_preparer.quote(str(connection.scalar(text("SELECT current_user"))))
        raise MigrationError(
            f"The role has no lock_timeout at {', '.join(without)}, where nobody may wait without end; "
            f"ALTER ROLE {role} SET lock_timeout = '{OPTIONS['lock_timeout']}' first, on every server."
        )


def _ask(connection: Connection, command: str) -> list[Row[Any]]:
    """What each server says."""
    return list(connection.execute(ON_ALL, {"command": command}))


def _new(connection: Connection, tables: Iterable[Table]) -> tuple[list[Table], list[str]]:
    """Those that are to be distributed, and the names of those that are to be kept."""
    known = set(connection.scalars(KNOWN))
    new = [table for table in tables if table.name not in known]
    kept = [table.name for table in new if not is_owned(table)]
    return [table for table in new if is_owned(table)], kept if REVISION in known else [*kept, REVISION]

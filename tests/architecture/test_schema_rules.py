"""Database schema rules: whose a row is stands in every key, so that no two people's rows can meet.

What a database spread over machines (sharding) takes for granted, held without one. Each rule is seen to be broken.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    Table,
    UniqueConstraint,
    create_engine,
    func,
    inspect,
    text,
)
from sqlalchemy.pool import NullPool

from bucketlist.auth.recording import RECORDED
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import (
    DIRECTORY,
    NAMES,
    OWNED,
    Id,
    Time,
    buckets,
    email_addresses,
    is_owned,
    metadata,
    owner_key,
    trash,
    users,
)
from tests import citus
from tests.raw_database import open_database

every_table = pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)

IS_CONSTANT = re.compile(r"-?\d+|'[^']*'|true|false")


def breaches(table: Table) -> Iterator[str]:
    """The rules that a table breaks; one that is in no list and refers to nothing is nobody's."""
    yield from volatile_values(table)
    if table.name in {one.name for one in DIRECTORY}:
        if table.foreign_keys:
            yield "the directory refers to nothing"
    elif not is_owned(table):
        yield "it is neither owned nor in the directory"
    elif table.name != "users" and "user_id" not in table.c:
        yield "it has no user_id"
    else:
        yield from shared_keys(table)
        yield from foreign_references(table)


def shared_keys(table: Table) -> Iterator[str]:
    """Keys in which it does not stand whose a row is."""
    key = owner_key(table)
    if key.nullable or next(iter(table.primary_key), None) is not key:
        yield "its primary key does not begin with whose a row is"
    unique: list[Index | UniqueConstraint] = [index for index in table.indexes if index.unique]
    unique += [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    if not all(key.name in rule.columns for rule in unique):
        yield "something is unique among all people"


def foreign_references(table: Table) -> Iterator[str]:
    """References that could lead to another person's row, or that do not go with it."""
    if table.name != "users" and ["users.id"] not in [targets(rule) for rule in table.foreign_key_constraints]:
        yield "it does not refer to its user"
    for rule in table.foreign_key_constraints:
        there = rule.referred_table
        if there.name in {one.name for one in DIRECTORY}:
            yield "it refers to the directory"
        elif (rule.column_keys[0], targets(rule)[0]) != ("user_id", f"{there.name}.{owner_key(there).name}"):
            yield "it refers to less than an owner and a key"
        if rule.ondelete not in ("CASCADE", None):  # SET NULL would empty user_id too
            yield "it would be changed by what it refers to"
        elif there.name == "users" and rule.ondelete != "CASCADE":
            yield "it does not go with its user"


def targets(rule: ForeignKeyConstraint) -> list[str]:
    return [element.target_fullname for element in rule.elements]


def volatile_values(table: Table) -> Iterator[str]:
    """Values that the database would make: not the same on two machines, or out of a sequence."""
    for column in table.columns:
        made = column.server_default
        if made is not None and not IS_CONSTANT.fullmatch(str(getattr(made, "arg", ""))):
            yield f"the database makes {column.name}"
        if column.default is not None or column.onupdate is not None:  # does not exist where statements are executed
            yield f"SQLAlchemy makes {column.name}"
        if column.primary_key and column.type.python_type is int and len(table.primary_key) == 1:
            yield f"{column.name} comes out of a sequence"


@pytest.mark.threat(row=19)
@every_table
def test_a_table_keeps_the_rules(table: Table) -> None:
    assert list(breaches(table)) == []


def test_nothing_that_is_recorded_goes_with_another_row_without_a_word_in_the_log() -> None:
    keys = [rule for table in RECORDED.values() for rule in table.foreign_key_constraints]

    assert {rule.referred_table.name for rule in keys if rule.ondelete} == {"users"}


def test_every_table_is_owned_or_in_the_directory() -> None:
    assert {*OWNED, *DIRECTORY} == set(metadata.sorted_tables)
    assert len(OWNED) + len(DIRECTORY) == len(metadata.sorted_tables)
    assert OWNED[0] is users


OWN = "wishes (user_id TEXT NOT NULL, id TEXT"
KEY = "PRIMARY KEY (user_id, id)"
USER = "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE"
BUCKET = "FOREIGN KEY (user_id, id) REFERENCES buckets (user_id, id) ON DELETE CASCADE"
SWAPPED = BUCKET.replace("buckets (user_id, id)", "buckets (id, user_id)")
EMAIL = "FOREIGN KEY (id) REFERENCES email_addresses (email_folded) ON DELETE CASCADE"
BROKEN = [
    ("wishes (id TEXT PRIMARY KEY)", "it is neither owned nor in the directory"),
    (f"attempts (user_id TEXT, key TEXT PRIMARY KEY, {USER})", "the directory refers to nothing"),
    (f"wishes (id TEXT PRIMARY KEY, {USER.replace('user_id', 'id')})", "it has no user_id"),
    (f"{OWN}, PRIMARY KEY (id), {USER})", "its primary key does not begin with whose a row is"),
    (f"{OWN}, PRIMARY KEY (id, user_id), {USER})", "its primary key does not begin with whose a row is"),
    (f"wishes (user_id TEXT, id TEXT, {KEY}, {USER})", "its primary key does not begin with whose a row is"),
    (f"{OWN} UNIQUE, {KEY}, {USER})", "something is unique among all people"),
    (f"{OWN}, {KEY}, {BUCKET})", "it does not refer to its user"),
    (f"{OWN}, {KEY}, {USER}, {BUCKET.replace('user_id, ', '')})", "it refers to less than an owner and a key"),
    (f"{OWN}, {KEY}, {USER}, {BUCKET.replace('user_id', 'id', 1)})", "it refers to less than an owner and a key"),
    (f"{OWN}, {KEY}, {USER}, {SWAPPED})", "it refers to less than an owner and a key"),
    (f"{OWN}, {KEY}, {USER}, {EMAIL})", "it refers to the directory"),
    (f"{OWN}, {KEY}, {USER}, {BUCKET.replace('CASCADE', 'SET NULL')})", "it would be changed by what it refers to"),
    (f"{OWN}, {KEY}, {USER.replace(' ON DELETE CASCADE', '')})", "it does not go with its user"),
    (f"{OWN}, made_at TEXT DEFAULT CURRENT_TIMESTAMP, {KEY}, {USER})", "the database makes made_at"),
    (f"{OWN}, seed BLOB DEFAULT (random()), {KEY}, {USER})", "the database makes seed"),
    ("attempts (number INTEGER PRIMARY KEY)", "number comes out of a sequence"),
]


@pytest.mark.threat(row=19)
@pytest.mark.parametrize(("ddl", "told"), BROKEN)
def test_a_table_that_breaks_a_rule_is_seen(ddl: str, told: str) -> None:
    found = MetaData()
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection:
        metadata.create_all(connection, [users, trash, buckets, email_addresses])
        connection.exec_driver_sql(f"CREATE TABLE {ddl}")

        found.reflect(connection)

    assert set(breaches(found.tables[ddl.partition(" ")[0]])) == {told}


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (Column("new", Integer, Identity()), "the database makes new"),
        (Column("new", Integer, Sequence("numbers")), "SQLAlchemy makes new"),
        (Column("new", Time, onupdate=func.now()), "SQLAlchemy makes new"),
        (Column("new", Id, server_default=text("gen_random_uuid()")), "the database makes new"),
        (Column("new", Id, unique=True, index=True), "something is unique among all people"),
    ],
)
def test_a_column_that_breaks_a_rule_is_seen(column: Column[Any], told: str) -> None:
    beside = MetaData(naming_convention=NAMES)
    copies = {table.name: table.to_metadata(beside) for table in metadata.sorted_tables}

    copies["items"].append_column(column)

    assert list(breaches(copies["items"])) == [told]


TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' OR name = 'sqlite_sequence'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


@citus.is_its_own
def test_the_database_has_no_sequence_and_no_trigger(app: ApiApp, settings: Settings) -> None:
    with open_database(settings) as connection:
        found = connection.execute(text(TRIGGERS[connection.dialect.name])).all()
        sequences = inspect(connection).get_sequence_names() if settings.database_url else []

    assert [*found, *sequences] == []


@every_table
def test_every_constraint_and_index_has_a_name_that_migrations_can_speak_of(table: Table) -> None:
    assert set(NAMES) == {"ix", "uq", "ck", "fk", "pk"}
    assert all(rule.name for rule in table.constraints)
    assert all(index.name for index in table.indexes)


def test_the_models_are_what_the_migrations_make(app: ApiApp, settings: Settings) -> None:
    scheme, _, address = settings.database_url.partition("://")
    url = f"postgresql+psycopg://{address}" if scheme else f"sqlite:///{settings.sqlite_path}"
    with create_engine(url, poolclass=NullPool).connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert differences == []


def names_in(settings: Settings, table: str) -> set[str | None]:
    """What the database calls the constraints and indexes of a table."""
    with open_database(settings) as connection:
        found = inspect(connection)
        rules = [*found.get_foreign_keys(table), *found.get_indexes(table), *found.get_check_constraints(table)]
        return {found.get_pk_constraint(table)["name"], *(rule["name"] for rule in rules)}


@every_table
def test_constraints_and_indexes_are_called_as_the_models_call_them(
    app: ApiApp, settings: Settings, table: Table
) -> None:
    wanted = {str(rule.name) for rule in table.constraints} | {str(index.name) for index in table.indexes}

    assert names_in(settings, table.name) == wanted

"""Database schema rules: whose a row is stands in every key, so that no two people's rows can meet."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import ForeignKeyConstraint, Identity, Table, UniqueConstraint, create_engine, inspect
from sqlalchemy.pool import NullPool

from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import NAMES, metadata
from tests.raw_database import open_database

DIRECTORIES = {
    "attempts",
    "email_addresses",
    "invitations",
    "mail_links",
    "refresh_tokens",
}  # what is looked up without knowing whose it is
TABLES = list(metadata.sorted_tables)
OWNED = [table for table in TABLES if table.name not in DIRECTORIES | {"users"}]

every_table = pytest.mark.parametrize("table", TABLES, ids=str)
every_owned_table = pytest.mark.parametrize("table", OWNED, ids=str)


def references_of(table: Table) -> list[tuple[list[str], str, str | None]]:
    """The columns of each foreign key, with the table it refers to and what happens when the row there goes."""
    return [
        ([column.name for column in constraint.columns], constraint.elements[0].column.table.name, constraint.ondelete)
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint)
    ]


@every_owned_table
def test_a_table_says_first_whose_its_rows_are(table: Table) -> None:
    owner = table.c.user_id

    assert not owner.nullable
    assert next(iter(table.primary_key.columns)) is owner
    assert (["user_id"], "users", "CASCADE") in references_of(table)


@pytest.mark.threat(row=19)
@every_owned_table
def test_a_row_refers_to_rows_of_its_owner_only(table: Table) -> None:
    for columns, there, on_delete in references_of(table):
        assert columns[0] == "user_id"
        assert on_delete == "CASCADE"  # SET NULL would empty user_id too
        assert there == "users" or len(columns) == 2


@every_owned_table
def test_nothing_is_unique_among_all_people(table: Table) -> None:
    unique = [index for index in table.indexes if index.unique]
    unique += [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]  # type: ignore[misc]  # alike

    assert all("user_id" in rule.columns for rule in unique)


@pytest.mark.parametrize("name", sorted(DIRECTORIES))
def test_a_directory_refers_to_nothing(name: str) -> None:
    assert references_of(metadata.tables[name]) == []


CONSTANTS = {"text_bytes"}  # a zero, for what a worker of the version before writes while both are at work


@every_table
def test_ids_are_made_by_the_application(table: Table) -> None:
    for column in table.columns:
        assert column.default is None
        assert column.server_default is None or column.name in CONSTANTS
        assert column.onupdate is None
        assert not isinstance(column.identity, Identity)
        assert column.autoincrement in ("auto", False)
        assert not (column.primary_key and column.type.python_type is int)


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

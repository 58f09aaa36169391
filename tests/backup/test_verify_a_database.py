"""Integrity check: `bucketlist verify` reads everything, and says in a sentence what is wrong."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bucketlist.backup.verify import find_problems, rules_of
from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.models import metadata
from tests.backup.conftest import NewDatabase
from tests.backup.steps import command, refused, rows_of
from tests.commands import invoke
from tests.raw_database import environment_of, open_database

# On both databases: what is done behind the back of the application, and what is told.
SPOILT = {
    "UPDATE items SET name_folded = 'x'": "Rows of items in which name_folded is not the folded copy of name: 24.",
    "UPDATE buckets SET description_folded = 'x' WHERE name LIKE 'Far away%\u2603'": (
        "Rows of buckets in which description_folded is not the folded copy of description: 1."
    ),
    "UPDATE buckets SET position = 0": "Rows of buckets in which position does not count from 1: 8.",
    "UPDATE items SET target = '2031', target_first = 1, target_rank = 1": (
        "Rows of items in which target_rank is not that of target: 24."
    ),
    "UPDATE items SET target = 'soon', target_first = 1, target_rank = 1": (
        "Rows of items in which target_first is not that of target: 24."
    ),
    "UPDATE items SET steps = '[]'": "Rows of items in which steps is no list: 24.",
    "UPDATE items SET links = '{'": "Rows of items in which links is no list: 24.",
    "UPDATE items SET tags = NULL": "Items whose tags are not those in item_tags: ",
    "DELETE FROM item_tags": "Items whose tags are not those in item_tags: ",
    "UPDATE items SET tags = tags || 'x' || tags": "Items whose tags are not those in item_tags: ",
    "UPDATE item_tags SET name = name || CAST(item_id AS text)": "Tags that one person spells in several ways: ",
    "UPDATE item_tags SET name_folded = 'x' || name_folded": "name_folded is not the folded copy of name",
    "UPDATE items SET version = -1": "Rows of items in which version does not count from 1: 24.",
    "UPDATE items SET version = version + 100000": "Rows of items of whose version the change log has no word: 24.",
    "UPDATE users SET change_number = 0": "Rows of changes with a number that their account has not given yet: ",
    "UPDATE users SET modified_at = '2020-01-01T00:00:00.000Z'": (
        "Rows of users in which modified_at is before created_at: 3."
    ),
    "UPDATE email_addresses SET email_folded = 'x' || email_folded": "Users who cannot be found by their email: 3.",
    "DELETE FROM email_addresses": "Users who cannot be found by their email: 3.",
    "INSERT INTO email_addresses VALUES ('dora@example.com', '019abcde-0000-7000-8000-000000000000')": (
        "Emails that belong to nobody: 1."
    ),
    "DROP INDEX ix_buckets_user_id_trash_id_id": (
        "The schema is not that of this version: it would take add_index ix_buckets_user_id_trash_id_id."
    ),
    "DROP TABLE attempts": "The schema is not that of this version: it would take add_table attempts",
    "ALTER TABLE users ADD COLUMN shoe_size INTEGER": (
        "The schema is not that of this version: it would take remove_column users shoe_size."
    ),
}
# Only SQLite lets these happen.
SPOILT_ON_SQLITE = {
    "UPDATE buckets SET user_id = '019abcde-0000-7000-8000-000000000000' WHERE name LIKE 'Far away%\u2603'": (
        "Rows of buckets without their users: 1."
    ),
    "DELETE FROM buckets": "Rows of items without their buckets: 24.",
    "UPDATE items SET modified_at = '2020-13-01T00:00:00.000Z', created_at = '2020-12-01T00:00:00.000Z'": (
        "Rows of items in which modified_at is no moment in UTC: 24."
    ),
    "UPDATE refresh_tokens SET session_id = upper(session_id)": "Rows of refresh_tokens in which session_id is no id",
    "UPDATE items SET position = 'first'": "Rows of items in which position is no number: 24.",
    "UPDATE users SET password_hash = CAST('x' AS BLOB)": "Rows of users in which password_hash is no text: 3.",
}
# Only PostgreSQL changes a table in one sentence.
SPOILT_ON_POSTGRES = {
    "ALTER TABLE items DROP CONSTRAINT ck_items_state; UPDATE items SET state = 'lost', dropped_reason = NULL": (
        "Rows of items in which ck_items_state does not hold: 24."
    ),
    "ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL": (
        "The schema is not that of this version: it would take modify_nullable users.password_hash."
    ),
}


def spoil(settings: Settings, sql: str) -> None:
    with open_database(settings) as connection:
        for statement in sql.split("; "):
            connection.execute(text(statement))


def test_a_sound_database_is_told_with_its_counts(filled: Settings, tmp_path: Path) -> None:
    before = rows_of(filled)

    told = command(filled, tmp_path, "verify")

    assert told.startswith("All is well: ")
    assert "3 users" in told
    assert "24 items" in told
    assert rows_of(filled) == before


@pytest.mark.parametrize(("sql", "sentence"), SPOILT.items())
def test_what_is_wrong_is_told_in_a_sentence(filled: Settings, sql: str, sentence: str, tmp_path: Path) -> None:
    spoil(filled, sql)

    problems = find_problems(filled)

    assert any(sentence in problem for problem in problems), problems
    if len(problems) == 1:
        assert refused(filled, tmp_path, "verify") == problems[0]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("sql", "sentence"), SPOILT_ON_SQLITE.items())
def test_what_only_sqlite_lets_happen_is_told(filled: Settings, sql: str, sentence: str) -> None:
    spoil(filled, sql)

    assert any(sentence in problem for problem in find_problems(filled)), find_problems(filled)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("sql", "sentence"), SPOILT_ON_POSTGRES.items())
def test_what_postgresql_lets_happen_is_told(filled: Settings, sql: str, sentence: str) -> None:
    spoil(filled, sql)

    assert sentence in find_problems(filled)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_rule_that_the_database_has_lost_is_checked_all_the_same(filled: Settings) -> None:
    with open_database(filled) as connection:
        connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        connection.execute(text("UPDATE items SET state = 'lost', dropped_reason = NULL"))

    assert find_problems(filled)[0] == "The file of the database is damaged: CHECK constraint failed in items."


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_damaged_file_is_told(filled: Settings, tmp_path: Path) -> None:
    with open_database(filled) as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    content = bytearray(filled.sqlite_path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    filled.sqlite_path.write_bytes(content)

    ended = invoke(tmp_path, "verify", **environment_of(filled))

    assert ended.exit_code == 1
    assert "damaged" in ended.stderr or "malformed" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_several_things_are_told_at_once(filled: Settings) -> None:
    spoil(filled, "UPDATE items SET position = 0, times = 2, version = version + 1")

    assert len(find_problems(filled)) == 2


def test_an_old_schema_is_told(filled: Settings, tmp_path: Path) -> None:
    runner.downgrade(filled, "0001")

    told = refused(filled, tmp_path, "verify")

    how = "“bucketlist db upgrade” brings it there."
    assert told == f"The schema is at revision 0001, that of this version is {runner.head()}; {how}"


def test_a_database_that_is_not_there_is_told_and_not_made(new_database: NewDatabase, tmp_path: Path) -> None:
    settings = new_database("sqlite")

    assert refused(settings, tmp_path, "verify") == f"There is no database at {settings.sqlite_path} yet."
    assert not settings.sqlite_path.exists()


def test_every_column_of_every_table_has_a_rule() -> None:
    ruled = {
        (table.name, name) for table in metadata.sorted_tables for rule in rules_of(table) for name in rule.columns
    }

    assert ruled == {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns}

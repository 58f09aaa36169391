"""SQL statements on a database that is spread by user (sharding): each asks one person's machine, or stands in a list.

Constants are read here. What rooms make at run time, as lists do for each order, is read when any test executes it
(`tests/product_statements.py`), and has no exceptions. By another way nobody reaches a database but a few modules in
a list. Nothing in a list locks rows.
"""

import ast
import re
from collections.abc import Iterator
from types import FunctionType

import pytest
from sqlalchemy import select

from bucketlist.auth.access import owned
from bucketlist.kit.db.database import Statement
from bucketlist.models import items
from tests.product_statements import DIALECT, BrokenRule, constants, kept_statements, text_of
from tests.sources import PACKAGE, Source, read_all
from tests.sql_rules import (
    APART,
    CHOSEN,
    COMPUTED,
    LOCKING,
    MIXED,
    MOVING,
    TWO_PEOPLE,
    UNBOUND,
    UNREAD,
    VOLATILE,
    breaches,
)

KEPT = kept_statements()
EXPIRED = "what has expired of everybody: a look where a batch ends, and a range that is deleted up to there"
EXCEPTIONS = {  # what has to ask everybody, and why
    "accounts.people.PEOPLE": ("the operator's list of accounts", {UNBOUND}),
    "limits.idempotency_queries.PRUNE": (EXPIRED, {UNBOUND}),
    "limits.network_queries.PRUNE": (EXPIRED, {UNBOUND}),
    "mail.link_queries.PRUNE_LETTERS": (EXPIRED, {UNBOUND}),
    "mail.queries.FIRST_DUE": ("the outbox is polled for letters of everybody", {UNBOUND}),
    "ops.doctor.database.NEWEST": ("the newest account tells the doctor of a clock that went wrong", {UNBOUND}),
    "ops.queries.ANYBODY": ("is there an account at all?", {UNBOUND}),
    "ops.queries.SHAPE": ("is every table there? It reads no row", {UNBOUND, MIXED}),
    "ops.queries.SHAPE_AND_RIGHTS": ("is every table there? It reads no row", {UNBOUND, MIXED}),
    "purging.queries.FIND": ("what is to be purged of anybody is polled", {UNBOUND}),
    "sessions.lifecycle_queries.PRUNE": (EXPIRED, {UNBOUND}),
    "trash.queries.OLD": ("the look for what has been in the trash for long, of everybody", {UNBOUND}),
}
OTHER_WAYS = {
    "backup.checks": "verify looks at everybody's rows",
    "backup.directory": "a repair has everybody found by their email again",
    "backup.rows": "a backup has everybody's rows",
    "migrations": "the schema is everybody's",
    "ops.doctor.database": "asks for a clock, and what PostgreSQL is set to",
    "ops.neighbours": "asks who else is connected",
}


@pytest.mark.threat(row=19)
@pytest.mark.parametrize("name", KEPT)
def test_a_statement_asks_for_the_rows_of_one_person(name: str) -> None:
    found = {breach for statement in KEPT[name] for breach in breaches(text_of(statement))}

    assert found == EXCEPTIONS.get(name, ("", set()))[1]


def test_no_exception_locks_rows_or_is_left_over() -> None:
    assert [name for name, (_, found) in EXCEPTIONS.items() if LOCKING in found] == []
    assert EXCEPTIONS.keys() - KEPT.keys() == set()


def test_every_constant_has_a_name() -> None:
    assert constants() == {statement for statements in KEPT.values() for statement in statements}


REACHING = {"execute", "scalar", "scalars", "exec_driver_sql", "executemany", "executescript", "cursor"}
MINE = "user_id = %(owner_id)s"
ADD = "INSERT INTO items (user_id, id) VALUES (%(owner_id)s, %(id)s)"
ON_CONFLICT = "ON CONFLICT (user_id, id) DO UPDATE SET"
BROKEN = [
    ("SELECT name FROM items WHERE id = %(id)s", UNBOUND),
    ("SELECT NAME FROM ITEMS WHERE ID = %(id)s", UNBOUND),
    ("SELECT name FROM items WHERE MINE OR id = %(id)s", UNBOUND),
    ("SELECT name FROM items WHERE NOT (MINE)", UNBOUND),
    ("SELECT name FROM items WHERE user_id <> %(owner_id)s", UNBOUND),
    ("SELECT name FROM items WHERE user_id IN (%(owner_id)s, %(actor_id)s)", UNBOUND),
    ("SELECT name FROM items WHERE user_id = %(user_id_1)s", UNBOUND),
    ("SELECT name FROM items WHERE user_id = %(id)s", UNBOUND),
    ("SELECT name FROM items WHERE bucket_id = %(owner_id)s", UNBOUND),
    ("SELECT name FROM items WHERE CAST(user_id AS text) = %(owner_id)s", UNBOUND),
    ("SELECT name FROM users WHERE email = %(email)s", UNBOUND),
    ("SELECT 1 FROM items JOIN buckets ON buckets.id = items.bucket_id WHERE items.MINE", UNBOUND),
    ("SELECT 1 FROM items, buckets WHERE items.MINE", UNBOUND),
    ("SELECT 1 FROM items LEFT JOIN users ON items.MINE AND users.id = items.user_id", UNBOUND),
    ("SELECT 1 FROM users RIGHT JOIN items ON items.MINE WHERE users.id = %(owner_id)s", UNBOUND),
    ("SELECT 1 FROM items JOIN users ON users.id = CAST(items.user_id AS uuid) WHERE items.MINE", UNBOUND),
    ("SELECT 1 FROM users FULL JOIN items ON users.id = items.user_id WHERE items.MINE", UNBOUND),
    ("SELECT 1 FROM items WHERE MINE AND bucket_id IN (SELECT id FROM buckets)", UNBOUND),
    ("SELECT (SELECT max(position) FROM buckets WHERE buckets.id = bucket_id) FROM items WHERE MINE", UNBOUND),
    ("SELECT 1 FROM items WHERE MINE AND EXISTS (SELECT 1 FROM buckets WHERE buckets.user_id = items.id)", UNBOUND),
    ("SELECT 1 FROM items WHERE MINE UNION ALL SELECT 1 FROM items", UNBOUND),
    ("WITH all_items AS (SELECT * FROM items) SELECT 1 FROM all_items WHERE MINE", UNBOUND),
    ("WITH own AS (SELECT id FROM items WHERE MINE) SELECT 1 FROM own JOIN users ON users.id = own.id", UNBOUND),
    ("SELECT 1 FROM (SELECT id FROM items WHERE MINE) AS own, buckets WHERE buckets.user_id = own.id", UNBOUND),
    ("SELECT 1 FROM items, LATERAL (SELECT id FROM buckets) AS other WHERE items.MINE", UNBOUND),
    ("UPDATE items SET name = %(name)s WHERE id = %(id)s", UNBOUND),
    ("DELETE FROM items USING buckets WHERE buckets.MINE AND items.bucket_id = buckets.id", UNBOUND),
    ("DELETE FROM items WHERE MINE RETURNING (SELECT count(*) FROM buckets)", UNBOUND),
    ("INSERT INTO items (id, name) VALUES (%(id)s, %(name)s)", UNBOUND),
    ("INSERT INTO items VALUES (%(owner_id)s, %(id)s)", UNBOUND),
    ("INSERT INTO items DEFAULT VALUES", UNBOUND),
    ("ADD, (%(friend)s, %(id)s)", UNBOUND),
    ("INSERT INTO items (id, user_id) SELECT items.user_id, items.id FROM items WHERE MINE", UNBOUND),
    ("INSERT INTO items (user_id) SELECT user_id FROM items WHERE MINE UNION SELECT id FROM items WHERE MINE", UNBOUND),
    ("ADD ON_CONFLICT position = (SELECT max(position) FROM items)", UNBOUND),
    ("ADD ON_CONFLICT user_id = excluded.user_id", MOVING),
    ("UPDATE items SET user_id = %(owner_id)s WHERE MINE", MOVING),
    ("UPDATE users SET id = %(owner_id)s WHERE id = %(owner_id)s", MOVING),
    ("SELECT 1 FROM items WHERE MINE AND EXISTS (SELECT 1 FROM mail_links)", MIXED),
    ("DELETE FROM refresh_tokens WHERE user_id IN (SELECT id FROM users WHERE id = %(owner_id)s)", MIXED),
    ("SELECT 1 FROM buckets JOIN items ON buckets.user_id = %(user_id)s WHERE items.MINE", TWO_PEOPLE),
    ("UPDATE items SET modified_at = now() WHERE MINE", VOLATILE),
    ("UPDATE items SET modified_at = CURRENT_TIMESTAMP WHERE MINE", VOLATILE),
    ("UPDATE items SET position = nextval('positions') WHERE MINE", VOLATILE),
    ("INSERT INTO items (user_id, id) VALUES (%(owner_id)s, gen_random_uuid())", VOLATILE),
    ("INSERT INTO items (user_id, position) VALUES (%(owner_id)s, (SELECT 1 FROM items WHERE MINE))", COMPUTED),
    ("INSERT INTO mail_links (token_hash) VALUES ((SELECT max(key) FROM attempts))", COMPUTED),
    ("INSERT INTO items (user_id) SELECT %(owner_id)s FROM items WHERE MINE ON_CONFLICT position = 1", APART),
    ("UPDATE items SET name = CASE WHEN convert_to(name, 'UTF8') = '' THEN name ELSE '' END WHERE MINE", CHOSEN),
    ("TRUNCATE items", UNREAD),
    ("MERGE INTO items USING buckets ON items.id = buckets.id WHEN MATCHED THEN DELETE", UNREAD),
    ("SELECT 1 INTO items", UNREAD),
    ("VACUUM", UNREAD),
    ("SELECT FROM WHERE", UNREAD),
]


def written_out(sql: str) -> str:
    return sql.replace("MINE", MINE).replace("ADD", ADD).replace("ON_CONFLICT", ON_CONFLICT)


@pytest.mark.threat(row=19)
@pytest.mark.parametrize(("sql", "told"), BROKEN)
def test_a_statement_that_breaks_a_rule_is_seen(sql: str, told: str) -> None:
    assert breaches(written_out(sql)) == {told}


def test_an_exception_could_not_lock_rows() -> None:
    assert breaches("SELECT 1 FROM items WHERE id = %(id)s FOR SHARE SKIP LOCKED") == {UNBOUND, LOCKING}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM items JOIN users ON users.id = items.user_id WHERE items.MINE FOR UPDATE OF users",
        "SELECT 1 FROM users LEFT JOIN items ON items.user_id = users.id WHERE users.id = %(owner_id)s::uuid",
        "SELECT 1 FROM items WHERE MINE AND EXISTS (SELECT 1 FROM buckets WHERE buckets.user_id = items.user_id)",
        "WITH own AS (SELECT user_id FROM items WHERE MINE) DELETE FROM users USING own WHERE users.id = own.user_id",
        "WITH items AS (SELECT id FROM buckets WHERE MINE) SELECT 1 FROM items",
        "INSERT INTO buckets (user_id, id) SELECT items.user_id, items.id FROM items WHERE MINE",
        "SELECT 1 FROM mail_links JOIN refresh_tokens ON mail_links.user_id = refresh_tokens.user_id",
    ],
)
def test_a_statement_that_keeps_the_rules_is_let_by(sql: str) -> None:
    assert breaches(written_out(sql)) == set()


@pytest.mark.threat(row=19)
def test_what_a_room_makes_at_run_time_is_read_before_it_is_executed() -> None:
    room = {"__name__": "bucketlist.wishes.queries", "DIALECT": DIALECT}
    execute = FunctionType((lambda statement: statement.compiled(DIALECT)).__code__, room)

    with pytest.raises(BrokenRule, match=UNBOUND):
        execute(Statement(select(items.c.name)))

    execute(Statement(select(items.c.name).where(owned(items))))


def ways_into_a_database(file: Source) -> Iterator[str]:
    """Calls of a driver's methods, and statements that were compiled by hand."""
    for node in ast.walk(file.tree):
        called = node.func if isinstance(node, ast.Call) else None
        is_ours = isinstance(called, ast.Attribute) and ast.unparse(called.value) == "database()"
        name = getattr(called, "attr", getattr(called, "id", ""))
        if (name in REACHING and isinstance(called, ast.Attribute) and not is_ours) or name == "Compiled":
            yield file.module


def test_nobody_reaches_a_database_by_another_way() -> None:
    rooms = [file for file in read_all(PACKAGE) if not file.module.startswith("kit.db.")]

    found = {module for file in rooms for module in ways_into_a_database(file)}

    assert {re.sub(r"^migrations\..*", "migrations", module) for module in found} == OTHER_WAYS.keys()


def test_no_other_way_locks_rows() -> None:
    others = [file for file in read_all(PACKAGE) if file.module.startswith(tuple(OTHER_WAYS))]

    assert [file.name for file in others if re.search(r"(?i)with_for_update|FOR (UPDATE|SHARE)", file.text)] == []

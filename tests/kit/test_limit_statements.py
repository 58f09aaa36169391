"""R2: statement timeout: there is one on both databases, and a search costs what it reads."""

import subprocess
import sys

import pytest
from sqlalchemy import bindparam, select, text

from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.deadlines import Watchdog
from bucketlist.kit.db.errors import StatementTimeout
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.paging import matching
from tests.concurrency import together, wait_until
from tests.kit.conftest import add, ids, things
from tests.patience import LONG

ENDLESS = "WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps) SELECT count(*) FROM steps"
ENDLESS_WRITE = f"INSERT INTO things (id) SELECT 1 WHERE ({ENDLESS}) > 0"  # nothing of anybody's
FORK = """
import os
from bucketlist.kit.db.deadlines import Watchdog
class Line:
    def interrupt_if_late(self, now): ...
watchdog, line = Watchdog(), Line()
with watchdog._changing:  # nobody lets go of it in the child
    child = os.fork()
    if not child:
        watchdog.watch(line)
        os._exit(0)
raise SystemExit(os.waitpid(child, 0)[1])
"""
LIMIT = 1
SEARCH_LIMIT = 2  # which LIKE takes, or position(), and this takes a tenth of


def endless(sql: str = ENDLESS, seconds: int = LIMIT) -> Statement:
    core = text(sql).columns() if sql is ENDLESS else text(sql)
    return Statement(core, seconds=seconds)


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_WRITE], ids=["read", "write"])
def test_r2_a_statement_without_end_is_ended(database: Database, sql: str) -> None:
    with pytest.raises(StatementTimeout), database.transaction():
        database.execute(endless(sql), {})

    add(database, 2)
    assert ids(database) == [2]


@pytest.mark.threat(row=53)
def test_r2_who_comes_after_a_statement_that_was_ended_is_not_ended(sqlite: Database) -> None:
    def ask(number: int) -> str:
        try:
            sqlite.execute(endless() if number == 0 else Statement(select(things.c.id)), {})
        except Unavailable as refused:
            return type(refused).__name__
        return "done"

    assert together(3, ask) == ["StatementTimeout", "done", "done"]
    assert [ask(number) for number in (1, 2)] == ["done", "done"]


def test_r2_a_statement_may_be_given_longer(postgres: Database) -> None:
    limit = Statement(text("SELECT current_setting('statement_timeout')"), seconds=60)
    usual = Statement(text("SELECT current_setting('statement_timeout')"))

    with postgres.transaction():
        assert postgres.execute(limit, {}) == [["1min"]]
    assert postgres.execute(usual, {}) == [["5s"]]


class Line:
    """A connection, as the watchdog knows it."""

    def __init__(self) -> None:
        self.looks = 0

    def interrupt_if_late(self, now: float) -> None:
        assert now > 0
        self.looks += 1


def test_r2_the_watchdog_ends_with_the_last_connection_and_begins_again_with_the_next() -> None:
    watchdog, line = Watchdog(), Line()

    for seen in (0, line.looks):
        watchdog.watch(line)
        wait_until(lambda seen=seen: line.looks > seen)  # type: ignore[misc]  # a default for each round
        watchdog.forget(line)
        wait_until(lambda: watchdog._thread is None)


ADVERSE = {"end": ("a" * 499 + "x", "a"), "begin": ("x" + "a" * 499, "a"), "middle": ("a" * 250 + "x" + "a" * 249, "a")}


@pytest.mark.threat(row=24)
@pytest.mark.parametrize("where", ADVERSE)
def test_r2_words_that_nearly_match_everywhere_are_searched_in_no_time(database: Database, where: str) -> None:
    words, letter = ADVERSE[where]
    for thing_id in range(1, 21):
        add(database, thing_id, words=letter * 240_000)
    source = select(things.c.id, things.c.words.label("name_folded"), bindparam("no", None).label("description_folded"))
    table = source.subquery()
    search = Statement(select(table.c.id).where(matching(table)), seconds=SEARCH_LIMIT)

    with database.transaction():
        assert database.execute(search, {"words": words, "no": None}) == []


def test_r2_a_worker_that_is_forked_while_the_watchdog_looks_has_one_of_its_own() -> None:
    forked = subprocess.run([sys.executable, "-c", FORK], check=False, timeout=LONG)

    assert forked.returncode == 0

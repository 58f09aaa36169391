"""Online migrations: those who read and write items meanwhile wait, if at all, and are not refused.

How long, with 100,000 items, is measured by `python -m bench.migrations`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import psycopg
import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.backup.steps import add_items
from tests.concurrency import wait_until
from tests.migrations.steps import steps_with_data
from tests.migrations.watching import READ, WRITE, watched
from tests.patience import LONG

ITEMS = 2_000


def test_nobody_is_refused_while_every_step_is_made_down_and_up_again(filled: Settings) -> None:
    add_items(filled, ITEMS)

    with watched(filled, READ) as reader, watched(filled, WRITE) as writer:
        for step, below in steps_with_data():
            runner.downgrade(filled, below)
            runner.upgrade(filled, step)
            runner.downgrade(filled, below)

    assert (reader.problem, writer.problem) == (None, None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_readers_of_sqlite_do_not_wait_for_a_step_at_all(filled: Settings) -> None:
    ((_, below), *_) = steps_with_data()

    with watched(filled, READ) as reader, runner.transaction(filled) as connection:
        runner.move_down(connection, below)
        before = reader.answers
        wait_until(lambda: reader.answers > before + 10)

    assert reader.problem is None


@pytest.fixture
def before_the_last_step(filled: Settings) -> Settings:
    """It makes an index of items, for which nobody may be writing them."""
    runner.downgrade(filled, "0003")
    return filled


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_step_that_has_to_wait_lets_others_pass_until_it_can_be_made(
    before_the_last_step: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TABLE_SECONDS", 0.2)
    monkeypatch.setattr(runner, "PAUSE_SECONDS", 0.1)
    with watched(before_the_last_step, WRITE) as writer, writing_for_long(before_the_last_step) as let_go:
        upgrading = Thread(target=runner.upgrade, args=(before_the_last_step,))
        upgrading.start()
        wait_until(lambda: waits_for_a_table(before_the_last_step))
        written_before = writer.answers
        wait_until(lambda: writer.answers > written_before + 10)
        assert upgrading.is_alive()
        let_go()
        upgrading.join(LONG)

    assert runner.revision_of(before_the_last_step) == runner.head()
    assert writer.problem is None
    assert writer.answers > written_before, "others wrote while it waited"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_step_that_has_to_wait_for_too_long_says_so_and_changes_nothing(
    before_the_last_step: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TABLE_SECONDS", 0.05)
    monkeypatch.setattr(runner, "PAUSE_SECONDS", 0)

    with writing_for_long(before_the_last_step), pytest.raises(runner.InUse, match="try again when they are done"):
        runner.upgrade(before_the_last_step)

    assert runner.revision_of(before_the_last_step) == "0003"


def waits_for_a_table(settings: Settings) -> bool:
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


@contextmanager
def writing_for_long(settings: Settings) -> Iterator[Callable[[], object]]:
    """Somebody whose transaction has changed items and does not end, until the block does or they are told to."""
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("LOCK TABLE items IN ROW EXCLUSIVE MODE")
        yield connection.rollback

"""Those who read and write items while the schema moves wait, if at all, and are not refused.

How long, with 100,000 items, is measured by `python -m tests.migrations.measure`.
"""

import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.backup.steps import add_items
from tests.crowd import wait_until
from tests.migrations.steps import steps_with_data
from tests.migrations.watching import READ, WRITE, watched

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

"""R8: batch deletion: a backlog of expired rows goes in batches, and what fails stops nothing else."""

import pytest
from sqlalchemy import bindparam, text

from bucketlist.config import Settings
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import Statement
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.db.pruning import batch_of
from bucketlist.kit.errors import Unavailable
from bucketlist.limits import rate_limit_queries
from bucketlist.models import attempts
from bucketlist.ops import pruning as ops_pruning
from bucketlist.sessions import lifecycle_queries
from tests.auth.steps import count_rows
from tests.bulk import insert_rows

BATCH = 10
LONG_AGO = "2020-01-01T00:00:00.000Z"
FAR_AWAY = "2090-01-01T00:00:00.000Z"


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", BATCH)
    statement = batch_of(attempts, attempts.c.window_ends_at < bindparam("now"))
    monkeypatch.setattr(rate_limit_queries, "PRUNE", statement)


def add_attempts(settings: Settings, count: int, ends_at: str) -> None:
    rows = [{"key": f"{ends_at} {number}", "count": 1, "window_ends_at": ends_at} for number in range(count)]
    insert_rows(settings, attempts, rows)


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
def test_r8_what_has_expired_goes_however_much_it_is(
    settings: Settings, statements: list[Compiled], count: int
) -> None:
    add_attempts(settings, count, LONG_AGO)
    add_attempts(settings, 2, FAR_AWAY)
    statements.clear()

    ops_pruning.prune()

    batches = [statement for statement in statements if "DELETE FROM attempts" in statement.sql]
    assert len(batches) == count // BATCH + 1
    assert count_rows(attempts) == 2


@pytest.mark.threat(row=53)
@pytest.mark.usefixtures("app")
def test_r8_what_cannot_be_removed_does_not_stop_the_rest(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise Unavailable

    failing = Statement(text("SELECT 1"))
    monkeypatch.setattr(failing, "compiled", lambda _: fail())
    monkeypatch.setattr(lifecycle_queries, "PRUNE", [failing, *lifecycle_queries.PRUNE])
    add_attempts(settings, BATCH, LONG_AGO)

    with pytest.raises(Unavailable):
        ops_pruning.prune()

    assert count_rows(attempts) == 0

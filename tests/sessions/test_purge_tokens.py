"""R2: whoever ends all sessions at once does not wait, nor do others, for the thousands of tokens that were used."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.db import pruning
from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import refresh_tokens, sessions, tombstones
from bucketlist.ops import pruning as ops_pruning
from bucketlist.purging import queries as purge_queries
from bucketlist.purging.tombstones import Tombstone
from bucketlist.services import services_of
from bucketlist.sessions import lifecycle_queries
from tests.authentication import log_in, refresh
from tests.bulk import insert_rows, refresh_token_rows
from tests.concurrency import just_before
from tests.people import PASSWORD, Person
from tests.responses import code_of
from tests.rows import all_rows, count_rows

ME = "/v1/users/me"
BATCH = 10
LOOKS = (purge_queries.SESSIONS_OF_TOKENS, purge_queries.SESSIONS)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", BATCH)


def end_elsewhere(ada: Person) -> int:
    return ada.delete("/v1/auth/sessions").status_code


def change_password(ada: Person) -> int:
    return ada.put("/v1/auth/password", {"currentPassword": PASSWORD, "newPassword": f"new {PASSWORD}"}).status_code


def change_address(ada: Person) -> int:
    return ada.patch(ME, {"email": "ada@example.org", "currentPassword": PASSWORD}).status_code


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("act", [end_elsewhere, change_password, change_address])
def test_r2_many_refresh_tokens_end_at_once_and_go_in_batches(
    settings: Settings, client: FlaskClient, ada: Person, act: Callable[[Person], int]
) -> None:
    elsewhere = log_in(client, ada)
    session = next(row[1] for table, row in all_rows() if table is sessions and row[1] != ada.actor.session_id)
    insert_rows(settings, refresh_tokens, refresh_token_rows(ada.id, session, 3 * BATCH))
    insert_rows(settings, refresh_tokens, refresh_token_rows(ada.id, ada.actor.session_id, BATCH))

    assert act(ada) < 300

    assert count_rows(refresh_tokens) == 3 * BATCH + 1
    assert code_of(refresh(client, elsewhere["refreshToken"])) == (401, "unauthorized")
    ops_pruning.prune()
    assert {row[2] for table, row in all_rows() if table is refresh_tokens} == {ada.actor.session_id}
    assert (count_rows(refresh_tokens), count_rows(tombstones)) == (BATCH, 0)
    assert find_problems(settings) == []


@pytest.mark.threat(row=53)
def test_r8_a_refresh_that_was_faster_leaves_nothing_behind(app: ApiApp, ada: Person) -> None:
    def refresh_first() -> None:
        lifecycle_queries.add_refresh_token("hash", ada.id, ada.actor.session_id, clock.text_from_now(days=30))

    with just_before(app, f"DELETE FROM {purge_queries.WAYS_IN[0].name}", refresh_first):  # noqa: S608  # a table of ours
        assert ada.delete(ME, {"password": PASSWORD}).status_code == 204

    assert count_rows(refresh_tokens) == 0


@pytest.mark.threat(row=53)
def test_r2_a_session_that_is_opened_while_dead_tokens_are_looked_for_keeps_its_own(
    app: ApiApp, client: FlaskClient, ada: Person
) -> None:
    database, looks, opened = services_of(app).database, [], list[str]()

    def log_in_between(statement: Compiled, _: Values) -> None:
        """Just before the second look, whichever of tokens and sessions it is for."""
        if statement.is_read and statement in {one.compiled(database.driver.dialect) for one in LOOKS}:
            looks.append(statement)
            if len(looks) == 2:
                opened.append(log_in(client, ada)["refreshToken"])

    purge_queries.add(Tombstone(ada.id, "tokens", ada.id))
    database.on_execute = log_in_between
    ops_pruning.prune()
    database.on_execute = None

    assert refresh(client, opened[0]).status_code == 200

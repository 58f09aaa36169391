"""R8, R2: purge of an account of any size: gone at once, rows in batches, and a kill in the middle leaves none."""

from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bucketlist.accounts import service as accounts
from bucketlist.accounts.people import list_people
from bucketlist.auth.recording import is_recorded
from bucketlist.backup.backups import make_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import transaction
from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.models import (
    blacklisted_tokens,
    buckets,
    email_addresses,
    idempotency_keys,
    items,
    metadata,
    refresh_tokens,
    sessions,
    tombstones,
    users,
)
from bucketlist.ops import pruning as ops_pruning
from bucketlist.purging import queries as purge_queries
from bucketlist.purging import service as purging
from bucketlist.purging.tombstones import Tombstone
from bucketlist.services import services_of
from tests.authentication import is_signed_in, sign_up
from tests.bulk import bucket_rows, insert_rows, item_rows, refresh_token_rows
from tests.fault_injection import count_statements, killed_at
from tests.people import PASSWORD, Person, make_person
from tests.rows import all_rows, count_rows

ME = "/v1/users/me"
BATCH = 10
LARGE = (items, buckets, idempotency_keys, blacklisted_tokens, refresh_tokens)  # what there can be thousands of


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", BATCH)


def fill(settings: Settings, person: Person, count: int = 25) -> None:
    """More than a batch of all that there can be many of; the last bucket has the items."""
    shelves, later = bucket_rows(person.id, count), clock.text_from_now(days=30)
    insert_rows(settings, buckets, shelves)
    insert_rows(settings, items, item_rows(person.id, shelves[-1]["id"], count))
    empty = {"request_hash": "", "status": 201, "headers": "{}", "body": "{}", "created_at": clock.now_text()}
    keys = [{"user_id": person.id, "key": f"{number}", **empty} for number in range(count)]
    insert_rows(settings, idempotency_keys, keys)
    ended = [{"user_id": person.id, "id": new_id(), "expires_at": later} for _ in range(count)]
    insert_rows(settings, blacklisted_tokens, ended)
    tokens = refresh_token_rows(person.id, person.actor.session_id, count)
    insert_rows(settings, refresh_tokens, tokens)


def leave(ada: Person) -> int:
    return ada.delete(ME, {"password": PASSWORD}).status_code


@pytest.mark.threat(row=53)
def test_r8_a_full_account_leaves_no_row_behind(settings: Settings, ada: Person) -> None:
    before = len(list(all_rows()))
    fill(settings, ada)
    assert len(list(all_rows())) == before + (len(LARGE) + sum(map(is_recorded, LARGE))) * 25

    assert leave(ada) == 204

    assert list(all_rows()) == []


@pytest.mark.threat(row=53)
def test_r2_no_transaction_deletes_more_than_a_batch(settings: Settings, app: ApiApp, ada: Person) -> None:
    fill(settings, ada)
    left, database = [], services_of(app).database

    def look(statement: Compiled, _: Values) -> None:
        """At the first statement of each transaction, when the one before is committed."""
        if statement is purge_queries.HOLD.compiled(database.driver.dialect):
            left.append(len(list(all_rows())))

    database.on_execute = look
    leave(ada)
    database.on_execute = None

    assert len(left) > len(LARGE)
    assert max(before - after for before, after in pairwise(left)) <= BATCH


@pytest.mark.threat(row=53)
def test_r8_wherever_it_is_killed_the_account_is_whole_or_gone_and_pruning_leaves_nothing(
    settings: Settings, app: ApiApp
) -> None:
    first, states = _filled(settings, app), []
    count = count_statements(app, lambda: leave(first))
    for number in (1, 6, *range(10, count, 5), count):
        ada = _filled(settings, app)
        before = list(all_rows())
        with killed_at(app, number):
            leave(ada)
        if list(all_rows()) == before:
            states.append("whole")
            accounts.remove_user(accounts.get_user_by_email(ada.email))
        else:
            states.append("gone")
            assert _is_gone(settings, app.test_client(), ada)
            ops_pruning.prune()
        assert list(all_rows()) == []

    assert states == sorted(states, reverse=True)
    assert min(states.count("whole"), states.count("gone")) >= 3


def _filled(settings: Settings, app: ApiApp) -> Person:
    person = make_person(app, "ada@example.com")
    fill(settings, person, BATCH + 1)
    return person


def _is_gone(settings: Settings, client: FlaskClient, ada: Person) -> bool:
    """For everybody: she cannot get in, nothing says who she was, and the database is as it should be."""
    assert not is_signed_in(client, ada.access_token)
    assert client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD}).status_code == 401
    assert ada.email not in str([row for _, row in all_rows()])
    assert {count_rows(table) for table in (sessions, email_addresses)} == {0}
    assert list(list_people()) == []
    return find_problems(settings) == []


@pytest.fixture
def leaving(settings: Settings, app: ApiApp, ada: Person) -> Person:
    """Ada, whose account was being purged when the process was killed."""
    fill(settings, ada)
    with killed_at(app, 25):
        leave(ada)
    assert (count_rows(users), count_rows(tombstones)) == (1, 1)
    return ada


@pytest.mark.threat(row=53)
def test_r8_the_address_of_a_deleted_account_is_free_before_its_rows_are_gone(
    client: FlaskClient, leaving: Person
) -> None:
    session = sign_up(client, leaving.email)

    ops_pruning.prune()

    assert session["user"]["id"] != leaving.id
    assert is_signed_in(client, session)
    assert [row[0] for table, row in all_rows() if table is users] == [session["user"]["id"]]


@pytest.mark.threat(row=53)
def test_r8_a_backup_can_be_made_before_the_rows_are_gone(settings: Settings, leaving: Person, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "all.zip")

    assert {member.table: member.rows for member in made.members}["tombstones"] == 1


def fail(_: Tombstone) -> bool:
    raise Unavailable


@pytest.mark.in_process("looks at what is left to this process")
@pytest.mark.threat(row=53)
@pytest.mark.parametrize(("name", "value"), [("SECONDS", 0), ("_purge_some", fail)], ids=["no time", "a failure"])
def test_r8_what_a_request_cannot_purge_is_left_to_whoever_keeps_the_house(
    settings: Settings, client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    monkeypatch.setattr(purging, name, value)
    fill(settings, ada)
    pruning.leftover.clear()

    assert leave(ada) == 204

    assert pruning.leftover.is_set()
    assert count_rows(items) > 0
    assert _is_gone(settings, client, ada)


@pytest.mark.threat(row=53)
def test_r8_what_cannot_be_purged_does_not_stop_the_rest(
    settings: Settings, app: ApiApp, leaving: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, purge_some = make_person(app, "ben@example.com"), purging._purge_some
    with transaction():
        purge_queries.add(Tombstone(ben.id, "tokens", ben.id))

    def fail_for_ben(stone: Tombstone) -> bool:
        if stone.user_id == ben.id:
            raise Unavailable
        return purge_some(stone)

    monkeypatch.setattr(purging, "_purge_some", fail_for_ben)
    with pytest.raises(Unavailable):
        purging.purge_all()

    assert [row[0] for table, row in all_rows() if table is users] == [ben.id]


@pytest.mark.threat(row=53)
def test_r8_every_table_that_says_whose_its_rows_are_is_purged() -> None:
    purged = {str(statement.core.table) for statement in purge_queries.OF_ACCOUNT}  # type: ignore[attr-defined]
    at_once = {table.name for table in purge_queries.WAYS_IN}

    owned = {table.name for table in metadata.sorted_tables if "user_id" in table.columns}
    assert purged | at_once == owned - {"tombstones"}  # which goes with the user

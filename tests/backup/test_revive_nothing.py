"""R13: a restore revives no session, token or link that was ended since; and what it brings back is chosen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bucketlist.backup.backups import ENDED, LEFT_OUT, make_backup
from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.models import metadata
from tests.authentication import bearer
from tests.backup.steps import command
from tests.migrations.conftest import ADA
from tests.raw_database import read_all_tables
from tests.workers import open_worker

SIGNED_OUT = (
    "Everybody is signed out: people sign in again, and personal tokens have to be made anew. Accounts are as they "
    "were then: what was deleted, disabled, or given another password since has to be again."
)
BROUGHT_BACK = {
    "users",
    "email_addresses",
    "buckets",
    "items",
    "item_tags",
    "entries",
    "files",  # with what is in the file storage
    "changes",  # the history, and where a feed was left
    "blacklisted_tokens",  # they stay worthless
    "trash",
    "tombstones",  # what they hide stays hidden until it is purged
    "idempotency_keys",  # beside what they made, so that a retry makes nothing twice
}
PASSWORD = {"email": ADA["email"], "password": ADA["password"]}


@contextmanager
def client_of(settings: Settings) -> Iterator[FlaskClient]:
    with open_worker(settings) as app:
        yield app.test_client()


def sign_in(client: FlaskClient) -> dict[str, str]:
    """What Ada then has: an access token, a refresh token and a personal token."""
    session: dict[str, str] = client.post("/v1/auth/login", json=PASSWORD).get_json()
    wanted = {"name": "Script", "scope": "read", "currentPassword": ADA["password"]}
    made = client.post("/v1/auth/tokens", json=wanted, headers=bearer(session["accessToken"]))
    return session | {"personalToken": made.get_json()["token"]}


def statuses(client: FlaskClient, held: dict[str, str]) -> list[int]:
    """What is answered to each token that Ada had."""
    reads = [client.get("/v1/buckets", headers=bearer(held[name])) for name in ("accessToken", "personalToken")]
    renewed = client.post("/v1/auth/refresh", json={"refreshToken": held["refreshToken"]})
    return [answer.status_code for answer in (*reads, renewed)]


def sign_out(client: FlaskClient, held: dict[str, str]) -> None:
    """Here, and the script."""
    headers = bearer(held["accessToken"])
    for token in client.get("/v1/auth/tokens", headers=headers).get_json()["tokens"]:
        assert client.delete(f"/v1/auth/tokens/{token['id']}", headers=headers).status_code == 204
    assert client.post("/v1/auth/logout", headers=headers).status_code == 204


@pytest.mark.threat(row=56)
def test_r13_what_was_ended_stays_ended_after_a_restore(filled: Settings, tmp_path: Path) -> None:
    with client_of(filled) as client:
        held = sign_in(client)
        make_backup(filled, tmp_path / "all.zip")
        sign_out(client, held)

    told = command(filled, tmp_path, "restore", "all.zip", "--force")

    assert told.strip().endswith(SIGNED_OUT)
    with client_of(filled) as client:
        assert statuses(client, held) == [401, 401, 401]
        assert statuses(client, sign_in(client)) == [200, 200, 200]


def test_r13_sessions_are_kept_when_asked_for(filled: Settings, empty: Settings, tmp_path: Path) -> None:
    with client_of(filled) as client:
        held = sign_in(client)
    make_backup(filled, tmp_path / "all.zip")

    told = command(empty, tmp_path, "restore", "all.zip", "--keep-sessions")

    assert told.strip().endswith("also those that were ended since it was made.")
    with client_of(empty) as client:
        assert statuses(client, held) == [200, 200, 200]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_r13_letters_and_links_of_the_backup_do_not_go_out_again(
    filled: Settings, empty: Settings, tmp_path: Path
) -> None:
    make_backup(filled, tmp_path / "all.zip")

    command(empty, tmp_path, "restore", "all.zip")

    rows = read_all_tables(empty)
    assert {name for name in rows if not rows[name]} == {*ENDED, *LEFT_OUT}


@pytest.mark.parametrize("revision", ["0003", "0009"])
def test_r13_letters_in_a_backup_from_before_the_outbox_was_called_so_are_not_sent_again(
    filled: Settings, empty: Settings, revision: str, tmp_path: Path
) -> None:
    runner.downgrade(filled, revision)
    made = make_backup(filled, tmp_path / "old.zip")

    told = command(empty, tmp_path, "restore", "old.zip")

    assert made.count("letters") > 0
    assert read_all_tables(empty)["outbox"] == []
    assert " letters" not in told


def test_r13_of_every_table_it_was_decided_whether_a_restore_brings_it_back() -> None:
    assert {*BROUGHT_BACK, *ENDED, *LEFT_OUT} == set(metadata.tables)
    assert len(BROUGHT_BACK) + len(ENDED) + len(LEFT_OUT) == len(metadata.tables)

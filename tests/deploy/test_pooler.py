"""Behind a pooler in transaction mode each statement may meet another connection, and all goes right all the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bucketlist.app import create_app
from bucketlist.backup.backups import make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings, load_settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.migrations import runner
from bucketlist.services import services_of
from tests import databases
from tests.authentication import bearer, log_in, refresh, sign_up
from tests.backup.steps import content_of
from tests.concurrency import together
from tests.deploy.pooler import start_pooler
from tests.deploy.proxies import needs
from tests.migrations.conftest import fill
from tests.people import PASSWORD
from tests.responses import json_of

PEOPLE = 12
ITEMS = 8

pytestmark = [pytest.mark.slow, needs("pgbouncer")]


@pytest.fixture
def server_url(postgres_url: str) -> str:
    """A new database, without the pooler."""
    return databases.create_database(postgres_url)


@pytest.fixture
def pooled(server_url: str, tmp_path: Path) -> Iterator[Settings]:
    """The settings of the same database behind a pooler, as the handbook has it set up."""
    databases.give_settings(server_url)
    with start_pooler(tmp_path, server_url) as pooler:
        yield settings_for(pooler, tmp_path)


def settings_for(url: str, folder: Path) -> Settings:
    return load_settings(
        app_setting="testing",
        secret_key="a-key-behind-a-pooler-of-32-bytes",
        database_url=url,
        database_prepare=False,
        data_dir=folder,
        ratelimit_enabled=False,
    )


@contextmanager
def at_work(settings: Settings) -> Iterator[ApiApp]:
    app = create_app(settings)
    app.testing = False
    database = services_of(app).database
    try:
        yield app
    finally:
        database.pool.close()


def live_a_life(app: ApiApp, number: int) -> None:
    """From sign-up to the end of the account; whatever is not answered as it should be is told."""
    client, email = app.test_client(), f"person{number}@example.com"
    sign_up(client, email)
    session = json_of(refresh(client, log_in(client, email)["refreshToken"]))
    once = bearer(session) | {"Idempotency-Key": "once"}
    first, again = (client.post("/v1/buckets", json={"name": email}, headers=once) for _ in range(2))
    assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
    items = f"/v1/buckets/{json_of(first)['id']}/items"
    expected = []
    for place in range(ITEMS):
        made = client.post(items, json={"name": f"{email} {place}"}, headers=bearer(session))
        path, tag = f"/v1/items/{json_of(made)['id']}", made.headers["ETag"]
        expected.append((f"{email} {place}", "done", json_of(made)["createdAt"]))
        statuses = [
            client.patch(path, json={"state": state}, headers=bearer(session) | {"If-Match": tag}).status_code
            for state in ("done", "open")
        ]
        assert statuses == [200, 412]
    listed = json_of(client.get(f"{items}?sort=name", headers=bearer(session)))
    assert [(item["name"], item["state"], item["createdAt"]) for item in listed["items"]] == expected
    ended = client.delete("/v1/users/me", json={"password": PASSWORD}, headers=bearer(session))
    assert ended.status_code == 204
    assert client.get("/v1/users/me", headers=bearer(session)).status_code == 401


def test_a_crowd_on_two_connections_finds_everything_right(pooled: Settings) -> None:
    runner.upgrade(pooled)
    with at_work(pooled) as app:
        together(PEOPLE, lambda number: live_a_life(app, number))


def test_commands_that_work_on_all_of_the_database_go_through_it_as_well(pooled: Settings, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    runner.upgrade(pooled)
    fill(pooled)

    made = make_backup(pooled, path)
    restore_backup(pooled, path, is_forced=True, are_sessions_kept=True)

    assert content_of(make_backup(pooled, path)) == content_of(made)
    assert find_problems(pooled) == []


@pytest.mark.parametrize(
    ("setting", "value"), [("timezone", "Europe/Berlin"), ("statement_timeout", "0"), ("lock_timeout", "1h")]
)
def test_without_the_settings_of_its_role_nothing_is_asked_and_the_log_says_which(
    server_url: str, setting: str, value: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runner.upgrade(settings_for(server_url, tmp_path))
    databases.give_settings(server_url, **{setting: value})

    with start_pooler(tmp_path, server_url) as pooler, at_work(settings_for(pooler, tmp_path)) as app:
        answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    told = json.loads(capfd.readouterr().err.splitlines()[0])
    assert (told["event"], told["setting"], told["level"]) == ("database_setting_is_wrong", setting, "error")

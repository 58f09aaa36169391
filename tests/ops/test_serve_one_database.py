"""Whatever commands connect to, the server connects to (F1)."""

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bucketlist.app import make_driver
from bucketlist.config import Settings, load_settings
from bucketlist.migrations import NEWEST_REVISION, runner
from bucketlist.ops.queries import find_revision_as_served
from tests import databases
from tests.commands import succeed
from tests.workers import open_worker

PASSWORD = "a long walk by the sea"


@pytest.fixture
def url(postgres_url: str) -> str:
    """A database with two schemas: `public` has an installation, `foo` nothing yet."""
    url = databases.create_database(postgres_url)
    runner.upgrade(load_settings(app_setting="testing", secret_key="a-key", database_url=url))
    with psycopg.connect(url) as operator:
        operator.execute("CREATE SCHEMA foo")
    return url


@pytest.fixture
def in_foo(url: str, tmp_path: Path) -> Settings:
    address = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dfoo"
    return load_settings(app_setting="testing", secret_key="a-key", database_url=address, data_dir=tmp_path)


def emails_in(url: str, schema: str) -> list[str]:
    with psycopg.connect(url) as operator:
        found = operator.execute(sql.SQL("SELECT email FROM {}.users").format(sql.Identifier(schema)))
        return sorted(email for (email,) in found)


def sign_up(settings: Settings, email: str) -> int:
    with open_worker(settings) as app:
        answer = app.test_client().post("/v1/auth/register", json={"email": email, "password": PASSWORD})
    return answer.status_code


@pytest.mark.threat(row=62)
def test_f1_the_server_and_the_commands_work_in_the_schema_that_the_address_names(
    url: str, in_foo: Settings, tmp_path: Path
) -> None:
    environment = {"APP_SETTING": "testing", "SECRET_KEY": "a-key", "DATABASE_URL": in_foo.database_url}

    succeed(tmp_path, "db", "upgrade", **environment)
    succeed(tmp_path, "user", "add", "ada@example.com", "--password", PASSWORD, **environment)

    assert sign_up(in_foo, "ben@example.com") == 201
    assert emails_in(url, "foo") == ["ada@example.com", "ben@example.com"]
    assert emails_in(url, "public") == []


@pytest.mark.threat(row=62)
def test_f1_the_start_sees_what_the_pool_would_see(in_foo: Settings) -> None:
    before = find_revision_as_served(make_driver(in_foo))
    runner.upgrade(in_foo)

    assert (before, find_revision_as_served(make_driver(in_foo))) == (None, NEWEST_REVISION)


def test_f1_a_watcher_is_told_when_the_schema_is_not_in_sight(in_foo: Settings) -> None:
    with open_worker(in_foo) as app:
        answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    assert b"another schema" in answer.data

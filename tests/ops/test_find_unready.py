"""Readiness probe: `/readyz` finds whatever keeps requests from being served, and tells it in the log (F3)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from sqlalchemy import text

from bucketlist.config import Settings, load_settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.logs import configure_logs
from bucketlist.migrations import RENAMED, runner
from bucketlist.ops import readiness
from bucketlist.services import services_of
from tests import databases
from tests.conftest import SECRET
from tests.people import PASSWORD, Person
from tests.raw_database import open_database
from tests.responses import json_of
from tests.workers import open_worker

Reasons = Callable[[], list[str]]
NAMES = (f"plain_{number}" for number in count(1))


@pytest.fixture
def plain(postgres_url: str, tmp_path: Path) -> Settings:
    """A database whose tables belong to a role that is no superuser, which the application is."""
    url = databases.create_database(postgres_url)
    role = f"{urlsplit(url).path[1:]}_{next(NAMES)}"
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute(f'CREATE ROLE "{role}" LOGIN; CREATE SCHEMA ours AUTHORIZATION "{role}"'.encode())
        operator.execute(f'ALTER ROLE "{role}" SET search_path = ours'.encode())
    host = urlsplit(url).netloc.rpartition("@")[2]
    mine = urlunsplit(urlsplit(url)._replace(netloc=f"{role}@{host}"))
    settings = load_settings(app_setting="testing", secret_key=SECRET, database_url=mine, data_dir=tmp_path)
    runner.upgrade(settings)
    return settings


@pytest.fixture
def on_plain(plain: Settings) -> Iterator[ApiApp]:
    with open_worker(plain) as app:
        yield app


@pytest.fixture
def operator(plain: Settings, postgres_url: str) -> Iterator[psycopg.Connection]:
    found = urlsplit(postgres_url)._replace(path=urlsplit(plain.database_url).path)
    with psycopg.connect(urlunsplit(found), autocommit=True) as connection:
        yield connection


@pytest.fixture
def reasons(capfd: pytest.CaptureFixture[str]) -> Reasons:
    """Those that the log tells from now on."""
    configure_logs()

    def read() -> list[str]:
        told = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
        return [line["reason"] for line in told if line["event"] == "database_unavailable"]

    return read


ACCIDENTS = [
    ("ALTER TABLE ours.items RENAME TO elsewhere", readiness.LOST, 'relation "items" does not exist'),
    ("ALTER TABLE ours.items RENAME COLUMN state TO condition", readiness.LOST, "items.state does not exist"),
    ("ALTER TABLE ours.outbox OWNER TO CURRENT_USER", None, "permission denied for table outbox"),
    ("REVOKE SELECT ON ours.email_addresses FROM {role}", None, "permission denied for table email_addresses"),
    ("REVOKE INSERT ON ours.email_addresses FROM {role}", readiness.CLOSED, "email_addresses"),
    ("REVOKE DELETE ON ours.attempts FROM {role}", readiness.CLOSED, "attempts"),
    ("ALTER TABLE ours.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", readiness.CLOSED, "users"),
    ("ALTER SCHEMA ours OWNER TO CURRENT_USER; REVOKE ALL ON SCHEMA ours FROM {role}", readiness.LOST, "USAGE"),
]


@pytest.mark.threat(row=64)
@pytest.mark.parametrize(("accident", "told", "reason"), ACCIDENTS, ids=[accident[0] for accident in ACCIDENTS])
def test_f3_a_watcher_is_told_when_a_table_is_lost_or_closed(
    on_plain: ApiApp, operator: psycopg.Connection, reasons: Reasons, accident: str, told: str | None, reason: str
) -> None:
    before = on_plain.test_client().get("/readyz").status_code
    role = urlsplit(services_of(on_plain).settings.database_url).username

    operator.execute(accident.format(role=f'"{role}"').encode())
    answer = on_plain.test_client().get("/readyz")

    assert (before, answer.status_code) == (200, 503)
    assert json_of(answer)["detail"] == (told or json_of(answer)["detail"])
    assert reason in " ".join(reasons())
    assert str(role) not in answer.text


def test_f3_on_sqlite_too(tmp_path: Path, reasons: Reasons) -> None:
    settings = load_settings(app_setting="testing", secret_key=SECRET, data_dir=tmp_path)
    runner.upgrade(settings)
    with runner.transaction(settings) as operator:
        operator.exec_driver_sql("ALTER TABLE outbox RENAME TO elsewhere")
    with open_worker(settings) as app:
        answer = app.test_client().get("/readyz")

    assert (answer.status_code, json_of(answer)["detail"]) == (503, readiness.LOST)
    assert "no such table: outbox" in reasons()[0]


@contextmanager
def named_as_before(settings: Settings) -> Iterator[None]:
    """To whoever is at work, the tables look as the new ones do to a worker of the version before: not there."""
    with open_database(settings) as connection:
        for new, old in RENAMED.items():
            connection.execute(text(f"ALTER TABLE {new} RENAME TO {old}"))
    try:
        yield
    finally:
        with open_database(settings) as connection:
            for new, old in RENAMED.items():
                connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_a_worker_that_has_the_other_names_says_503_to_a_log_in_and_goes_on_with_lists(
    app: ApiApp, settings: Settings, ada: Person
) -> None:
    log_in = {"email": ada.email, "password": PASSWORD}
    assert app.test_client().post("/v1/auth/login", json=log_in).status_code == 200

    with named_as_before(settings):
        there = [app.test_client().post("/v1/auth/login", json=log_in), app.test_client().get("/readyz")]
        own = [ada.post("/v1/buckets", {"name": "Far away"}), ada.get("/v1/buckets")]

    assert [answer.status_code for answer in there] == [503, 503]
    assert [answer.status_code for answer in own] == [201, 200]
    assert app.test_client().post("/v1/auth/login", json=log_in).status_code == 200

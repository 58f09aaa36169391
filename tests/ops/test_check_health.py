"""Health checks: `/healthz` says that the process lives, `/readyz` that it can serve."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Column, MetaData, Table, Text, bindparam, delete, insert

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.sqlite_file import create_file
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.migrations import NEWEST_REVISION, runner
from tests import databases
from tests.responses import json_of
from tests.workers import open_worker

VERSIONS = Table("alembic_version", MetaData(), Column("version_num", Text))
FORGET_REVISION = Statement(delete(VERSIONS))
ADD_REVISION = Statement(insert(VERSIONS).values(version_num=bindparam("revision")))


@pytest.fixture
def app_without_database(settings: Settings, tmp_path: Path) -> ApiApp:
    url = "postgresql://nobody@127.0.0.1:1/nothing" if settings.database_url else ""
    return create_app(settings.model_copy(update={"data_dir": tmp_path / "no" / "folder", "database_url": url}))


@pytest.fixture
def app_without_schema(settings: Settings, tmp_path: Path) -> Iterator[ApiApp]:
    url = databases.create_database(settings.database_url)
    create_file(tmp_path / "bucketlist.sqlite")
    with open_worker(settings.model_copy(update={"data_dir": tmp_path, "database_url": url})) as app:
        yield app


def test_a_watcher_sees_that_the_process_lives(client: FlaskClient) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_a_watcher_sees_that_the_process_lives_while_the_database_is_away(app_without_database: ApiApp) -> None:
    response = app_without_database.test_client().get("/healthz")

    assert response.status_code == 200


def test_a_watcher_sees_that_it_can_serve(client: FlaskClient) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_a_watcher_is_told_when_the_database_is_away(app_without_database: ApiApp) -> None:
    response = app_without_database.test_client().get("/readyz")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert json_of(response)["code"] == "unavailable"


def test_a_watcher_is_told_when_there_is_no_schema(app_without_schema: ApiApp) -> None:
    response = app_without_schema.test_client().get("/readyz")

    assert response.status_code == 503
    assert "schema" in json_of(response)["detail"]


@pytest.mark.parametrize("revision", ["0000", "9999", None])
def test_a_watcher_is_told_when_the_schema_is_older_newer_or_half_made(
    client: FlaskClient, revision: str | None
) -> None:
    execute(FORGET_REVISION, {})
    if revision:
        execute(ADD_REVISION, {"revision": revision})

    response = client.get("/readyz")

    execute(FORGET_REVISION, {})
    execute(ADD_REVISION, {"revision": NEWEST_REVISION})
    assert response.status_code == 503


def test_the_newest_revision_is_that_of_the_newest_migration() -> None:
    assert runner.head() == NEWEST_REVISION


@pytest.mark.threat(row=71)
@pytest.mark.parametrize("query", ["t=1", "t=1&t=2", "&&", "limit=x", "q=" + "a" * 20_000, "%ff%zz"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_f17_a_watcher_may_ask_with_any_query(client: FlaskClient, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code == 200

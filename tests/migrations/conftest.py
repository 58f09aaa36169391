"""Test fixtures of databases with rows in every table."""

import shutil
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from bucketlist.accounts import invitations
from bucketlist.accounts import service as accounts
from bucketlist.app import create_app
from bucketlist.cli.dummy import make_dummy_data
from bucketlist.config import Settings
from bucketlist.kit.db.database import database as database_at_work
from bucketlist.kit.db.database import transaction
from bucketlist.migrations import runner
from bucketlist.purging import queries as purge_queries
from bucketlist.purging.tombstones import Tombstone
from bucketlist.services import services_of
from tests import databases
from tests.pictures import insert_photo
from tests.raw_database import open_database, settings_of
from tests.workers import Keeper

AWAY = "smtp://127.0.0.1:1"  # so that letters wait
ADA = {"email": "Ada@example.com", "password": "a long walk by the sea", "name": "Ada \u00d8st"}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings for a database that nobody has touched yet."""
    url = databases.create_database(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else ""
    return {
        "APP_SETTING": "testing",
        "SECRET_KEY": "a-key-for-migrations",
        "DATABASE_URL": url,
        "DATA_DIR": str(tmp_path / "data"),
        "MAIL_URL": AWAY,
    }


@pytest.fixture
def settings(database: dict[str, str]) -> Settings:
    return settings_of(database)


@pytest.fixture
def filled(settings: Settings, keeper: Keeper) -> Settings:
    """The settings of a database at the newest revision, with rows in every table."""
    copy_filled(settings, keeper)
    return settings


def copy_filled(settings: Settings, keeper: Keeper) -> None:
    """Into a database that nobody has touched, one with rows in every table, which is made once a run."""

    def make() -> AbstractContextManager[Settings]:
        url, folder = databases.create_database(settings.database_url), settings.data_dir.with_name("model")
        model = settings.model_copy(update={"database_url": url, "data_dir": folder})
        runner.upgrade(model)
        fill(model)
        return nullcontext(model)

    model = keeper.get(f"rows in every table of {bool(settings.database_url)}", make)
    if settings.database_url:
        databases.replace_database(settings.database_url, model.database_url)
        shutil.copytree(model.files_dir, settings.files_dir, dirs_exist_ok=True)
    else:
        shutil.copytree(model.data_dir, settings.data_dir, dirs_exist_ok=True)


def fill(settings: Settings) -> None:
    """With rows in every table."""
    app = create_app(settings.model_copy(update={"mail_url": AWAY}))
    with services_of(app).at_work():
        list(make_dummy_data(2, 3, 12, seed=1))
        insert_photo(settings)
        use_everything(app.test_client())
        ada = accounts.get_user_by_email(ADA["email"])
        with transaction():
            purge_queries.add(Tombstone(ada.id, "tokens", ada.id))
        invitations.invite("cleo@example.com", 7)
        database_at_work().pool.close()


def use_everything(client: FlaskClient) -> None:
    """Leaves a row in every table that people fill."""
    session = client.post("/v1/auth/register", json=ADA).get_json()
    header = {"Authorization": f"Bearer {session['accessToken']}"}
    bucket = {"name": "Far away \u2603", "description": "Not in winter.\n\u0130stanbul first."}
    made = client.post("/v1/buckets", json=bucket, headers={**header, "Idempotency-Key": "once"})
    gone = client.post("/v1/buckets", json={"name": "Gone"}, headers=header).headers["Location"]
    assert (made.status_code, client.delete(gone, headers=header).status_code) == (201, 204)
    assert client.post("/v1/auth/refresh", json={"refreshToken": session["refreshToken"]}).status_code == 200
    assert client.post("/v1/auth/login", json={**ADA, "name": None}).status_code == 422
    assert client.post("/v1/auth/login", json={"email": ADA["email"], "password": "wrong"}).status_code == 401


def empty_trash(settings: Settings) -> None:
    """So that a downgrade has nothing to lose."""
    with open_database(settings) as connection:
        connection.execute(text("DELETE FROM buckets WHERE trash_id IS NOT NULL"))
        connection.execute(text("DELETE FROM trash"))

"""F14: what lies in DATA_DIR is for its owner only, at every umask; what an older version left open is closed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bucketlist.app import create_app
from bucketlist.backup.backups import make_backup, replaced_file
from bucketlist.config import Settings, load_settings
from bucketlist.kit.db.database import Database
from bucketlist.migrations import runner
from bucketlist.services import services_of
from tests.commands import invoke

UMASKS = [0o000, 0o022, 0o077, 0o277, 0o777]


@pytest.fixture(params=UMASKS, ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """That of the process for as long as the test."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.iterdir())}


def in_use(settings: Settings) -> Database:
    """A database to which something was written, so that its WAL is there."""
    runner.upgrade(settings)
    app = create_app(settings)
    database = services_of(app).database
    lent = database.pool.acquire(checked=False)
    lent.begin()
    lent.rollback()
    database.pool.release(lent)
    return database


@pytest.mark.threat(row=68)
@pytest.mark.usefixtures("umask")
def test_f14_every_file_and_its_folder_are_private_at_every_umask(tmp_path: Path) -> None:
    settings = load_settings(app_setting="development", data_dir=tmp_path / "data")

    database = in_use(settings)

    made = modes_in(settings.data_dir)
    database.pool.close()
    assert set(made) == {
        "bucketlist.sqlite",
        "bucketlist.sqlite-shm",
        "bucketlist.sqlite-wal",
        "secret.key",
    }
    assert set(made.values()) == {0o600}
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700


@pytest.mark.threat(row=68)
@pytest.mark.usefixtures("umask")
def test_f14_a_backup_is_private_at_every_umask_while_it_is_made_and_after(tmp_path: Path) -> None:
    settings = load_settings(app_setting="testing", secret_key="a-key-for-backups", data_dir=tmp_path / "data")
    runner.upgrade(settings)
    folder = tmp_path / "backups"
    folder.mkdir()
    folder.chmod(0o700)

    with replaced_file(folder / "part.zip", lambda _: None):
        partial = modes_in(folder)
    make_backup(settings, folder / "all.zip")

    assert list(partial.values()) == [0o600]
    assert modes_in(folder) == {"all.zip": 0o600, "part.zip": 0o600}


@pytest.mark.threat(row=68)
def test_f14_what_an_older_version_left_open_is_closed_by_any_server(tmp_path: Path) -> None:
    settings = load_settings(app_setting="testing", secret_key="a-key-for-files", data_dir=tmp_path / "data")
    runner.upgrade(settings)
    settings.sqlite_path.chmod(0o644)

    create_app(settings)

    assert modes_in(settings.data_dir) == {"bucketlist.sqlite": 0o600}


def test_f14_an_upgrade_closes_what_was_left_open(tmp_path: Path) -> None:
    settings = load_settings(app_setting="testing", secret_key="a-key-for-files", data_dir=tmp_path / "data")
    runner.upgrade(settings)
    settings.sqlite_path.chmod(0o644)

    done = invoke(tmp_path, "db", "upgrade", APP_SETTING="testing", SECRET_KEY="a-key-for-files", DATA_DIR="data")

    assert "could be read by others" in done.stderr
    assert settings.sqlite_path.stat().st_mode & 0o777 == 0o600

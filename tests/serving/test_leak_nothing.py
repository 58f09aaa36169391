"""Data leaks (row 49 of the threats): canaries through every input of every route, with debug on; then the hunt."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from bucketlist.backup.backups import make_backup
from bucketlist.config import Settings
from tests import databases
from tests.raw_database import read_all_tables, settings_of
from tests.servers import SECRET as SECRET_KEY
from tests.servers import start_server
from tests.serving.canaries import CONTENT, PASSWORD, SECRET, Hunt, send_canaries

METRICS_TOKEN = f"{SECRET}-is-the-token-for-metrics"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("canaries")


@pytest.fixture(scope="module")
def database(settings: Settings, folder: Path) -> dict[str, str]:
    """The environment of the server's database."""
    url = databases.create_database(settings.database_url)
    return {"DATABASE_URL": url, "DATA_DIR": str(folder / "data"), "SECRET_KEY": SECRET_KEY}


@pytest.fixture(scope="module")
def hunt(database: dict[str, str], folder: Path) -> Iterator[Hunt]:
    """A server in development, with debug on, after all canaries were sent."""
    with start_server(folder, DEBUG="true", METRICS_TOKEN=METRICS_TOKEN, **database) as server:
        found = Hunt(server)
        send_canaries(found)
        yield found


def test_the_canaries_came_everywhere(hunt: Hunt) -> None:
    assert {200, 201, 204, 400, 401, 404, 422} <= hunt.statuses
    assert not {status for status in hunt.statuses if status >= 500}
    assert len(hunt.issued) > 50
    assert any(CONTENT in answer for answer in hunt.answers)


@pytest.mark.threat(row=39)
@pytest.mark.threat(row=49)
def test_the_log_has_a_line_for_each_request_and_no_canary(hunt: Hunt) -> None:
    log = hunt.server.log

    assert log.count('"event":"request"') >= len(hunt.answers) - 1
    assert [line for line in log.splitlines() if SECRET in line or CONTENT in line or "@" in line] == []
    assert [token for token in hunt.issued if token in log] == []
    assert SECRET_KEY not in log


@pytest.mark.threat(row=49)
def test_no_answer_tells_a_secret_again(hunt: Hunt) -> None:
    assert [answer for answer in hunt.answers if SECRET in answer] == []
    assert [token for token in hunt.issued for answer in hunt.answers if token in answer] == []


@pytest.mark.threat(row=15)
def test_no_secret_is_in_the_database(hunt: Hunt, database: dict[str, str]) -> None:
    dump = str(read_all_tables(settings_of(database)))

    assert CONTENT in dump
    assert PASSWORD not in dump
    assert SECRET not in dump
    assert [token for token in hunt.issued if token in dump] == []
    assert SECRET_KEY not in dump


@pytest.mark.threat(row=15)
def test_no_secret_is_in_a_file_of_the_database_or_in_a_backup(
    hunt: Hunt, database: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    make_backup(settings_of(database), tmp_path / "all.zip")

    with ZipFile(tmp_path / "all.zip") as archive:
        files = [archive.read(name) for name in archive.namelist()]
    files += [path.read_bytes() for path in (folder / "data").glob("*.sqlite*")]
    assert any(CONTENT.encode() in content for content in files)
    assert not any(SECRET.encode() in content for content in files)
    assert [token for token in hunt.issued for content in files if token.encode() in content] == []

"""F22: the container image, made by the steps of the Containerfile and run as it promises that it can be run.

A strange account, no HOME, nothing that can be written but /data and /tmp, process 1.
"""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.image import Container, build_image, why_not
from tests.serving.wire import ask, sign_up

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(reason := why_not()), reason=reason)]

ACCOUNT = 54321
MB = 1_000_000


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_image(tmp_path_factory.mktemp("image"))


@pytest.fixture
def container(image: Path, tmp_path: Path) -> Container:
    """With a volume that is new and belongs to nobody else."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, ACCOUNT, ACCOUNT)
    return Container(image, data, ACCOUNT)


def test_f22_a_strange_account_serves_as_process_1_and_data_outlives_the_container(container: Container) -> None:
    with container.serve() as server:
        ada = sign_up(server)
        made = ada.ask("POST", "/v1/buckets", {"name": "Far away"})

    with container.serve() as server:
        found = ask(server, "GET", made.headers["location"], Authorization=f"Bearer {ada.token}")

    assert (made.status, found.status) == (201, 200)
    assert {path.stat().st_uid for path in container.data.iterdir()} == {ACCOUNT}


def test_f22_the_health_check_fails_until_the_service_answers(container: Container) -> None:
    before = container.run("bucketlist", "health")
    with container.serve():
        meanwhile = container.run("bucketlist", "health")

    assert (before.returncode, meanwhile.returncode) == (1, 0)
    assert len(before.stderr.splitlines()) == 1


def test_f22_a_service_without_a_secret_says_so_in_a_sentence(container: Container) -> None:
    container.settings["SECRET_KEY"] = ""

    refused = container.run("bucketlist", "serve")

    assert refused.returncode == 1
    assert "SECRET_KEY" in refused.stderr


def test_f22_backups_are_made_in_the_volume_and_can_be_restored(container: Container) -> None:
    (container.data / "backups").mkdir()
    os.chown(container.data / "backups", ACCOUNT, ACCOUNT)
    container.settings["BACKUP_DIR"] = "/data/backups"
    with container.serve() as server:
        sign_up(server)
        backup = container.run("bucketlist", "backup", "friday.zip")

    restored = container.run("bucketlist", "restore", "friday.zip", "--force")

    assert (backup.returncode, restored.returncode) == (0, 0), backup.stderr + restored.stderr


def test_f22_the_image_has_what_postgresql_and_tls_take(container: Container) -> None:
    asked = "import psycopg, ssl; print(psycopg.pq.__impl__, len(ssl.create_default_context().get_ca_certs()) > 0)"

    told = container.run("python", "-c", asked)

    assert told.stdout == "binary True\n", told.stderr


def test_f22_there_is_no_shell_no_pip_and_nothing_that_makes_one_root(image: Path) -> None:
    files = [path for path in image.rglob("*") if path.is_file() and not path.is_symlink()]

    assert [path for path in files if path.name in ("sh", "bash", "pip", "apt")] == []
    assert [path for path in files if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)] == []


@pytest.mark.skipif(not shutil.which("strip"), reason="This machine has no strip.")
def test_f22_the_image_weighs_at_most_170_mb_unpacked(image: Path, tmp_path: Path) -> None:
    """The Python of the base image has no symbols for debuggers; that of this machine may have."""
    python = tmp_path / "python"
    shutil.copytree(image / sys.base_prefix.lstrip("/"), python, symlinks=True)
    with_symbols = weight(python)
    for path in python.rglob("*.so*"):
        subprocess.run(["strip", "--strip-unneeded", path], check=True)

    weighed = weight(image) - with_symbols + weight(python)

    print(f"{weighed / MB:.1f} MB unpacked")  # noqa: T201  # pytest -s shows it
    assert weighed <= 170 * MB


def weight(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))

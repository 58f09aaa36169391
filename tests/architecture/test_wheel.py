"""Packaging: the wheel, installed beside the locked packages and no others, serves as well as the checkout.

The packages are those of this environment. That they can be installed as locked, tests of image and locks see.
"""

import json
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.empty_wheels import Pin, pins
from tests.patience import LONG
from tests.servers import LiveServer, environment, free_port, wait_until_ready

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python")
LOCK = ROOT / "requirements" / "runtime.txt"
INSTALL = ("install", "--quiet", "--quiet", "--no-compile")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return next(folder.glob("bucketlist-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands in an environment that has the wheel and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder)
    site = next(folder.glob("lib/*/site-packages"))
    for pin in pins(LOCK):
        if pin.is_for_here:
            link(pin, site)
    run(*PIP, str(folder / "bin" / "python"), *INSTALL, "--no-deps", "--no-index", str(wheel))
    return folder / "bin"


def link(pin: Pin, site: Path) -> None:
    """Have a package of this environment in another one too."""
    package = distribution(pin.name)
    assert package.version == pin.version
    for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
        if not (site / name).exists():  # two may share a folder
            (site / name).symlink_to(Path(str(package.locate_file(name))))


@pytest.fixture(scope="module")
def server(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Started from an empty folder, as the first command ever."""
    folder = tmp_path_factory.mktemp("empty")
    port = free_port()
    with (folder / "log").open("wb") as log:
        command = [str(installed / "bucketlist"), "serve"]
        process = subprocess.Popen(
            command, cwd=folder, env=environment(folder, PORT=str(port)), stdout=log, stderr=subprocess.STDOUT
        )
    running = LiveServer(f"http://127.0.0.1:{port}", port, folder, process)
    try:
        wait_until_ready(running)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=LONG)


def run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=LONG) as response:
        text: str = response.read().decode()
        return text


def test_the_wheel_is_alive_and_has_migrated_its_database(server: LiveServer) -> None:
    assert json.loads(read(f"{server.url}/healthz"))
    assert json.loads(read(f"{server.url}/readyz"))


def test_the_wheel_has_the_homepage_and_its_looks(server: LiveServer) -> None:
    assert "bucketlist" in read(f"{server.url}/")
    assert "swagger" in read(f"{server.url}/reference").lower()
    assert read(f"{server.url}/favicon.svg").startswith("<svg")


def test_the_wheel_speaks_german(server: LiveServer) -> None:
    asked = urllib.request.Request(f"{server.url}/sign-in", headers={"Accept-Language": "de"})

    with urllib.request.urlopen(asked, timeout=LONG) as response:
        assert "Schön, dass du wieder da bist" in response.read().decode()


def test_the_wheel_documents_itself_as_the_checkout_does(server: LiveServer) -> None:
    assert json.loads(read(f"{server.url}/openapi.json")) == json.loads((ROOT / "openapi.json").read_text())


def test_the_wheel_knows_its_version_and_is_typed(installed: Path) -> None:
    assert run(str(installed / "bucketlist"), "--version").startswith("bucketlist")
    assert list(installed.parent.glob("lib/*/site-packages/bucketlist/py.typed"))


def test_the_wheel_holds_no_tests_and_no_tools(installed: Path) -> None:
    site = next(installed.parent.glob("lib/*/site-packages"))

    assert [name for name in ("tests", "badges", "contract", "bench") if (site / name).exists()] == []

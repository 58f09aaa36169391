"""systemd's own programs read the units, and hand a socket over as they say."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.proxies import DEPLOY, needs, replace_all
from tests.patience import LONG
from tests.servers import LiveServer, environment, free_port, wait_until_ready
from tests.serving.wire import sign_up

pytestmark = pytest.mark.slow

INSTALLED = "/opt/bucketlist/.venv/bin/bucketlist"


@needs("systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    service = replace_all((DEPLOY / "bucketlist.service").read_text(), (INSTALLED, sys.executable))
    (tmp_path / "bucketlist.service").write_text(service)
    shutil.copy(DEPLOY / "bucketlist.socket", tmp_path)
    units = [str(tmp_path / "bucketlist.service"), str(tmp_path / "bucketlist.socket")]

    found = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    assert (found.returncode, [line for line in found.stderr.splitlines() if "bucketlist" in line]) == (0, [])


@needs("systemd-socket-activate")
def test_a_socket_that_systemd_opened_is_served_at(tmp_path: Path) -> None:
    port = free_port()
    settings = environment(tmp_path)
    passed_on = [f"--setenv={name}" for name in settings]  # it takes nothing of its own environment along
    command = [
        "systemd-socket-activate",
        f"--listen=127.0.0.1:{port}",
        *passed_on,
        sys.executable,
        "-m",
        "bucketlist",
        "serve",
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env=settings, stdout=log, stderr=subprocess.STDOUT)
    server = LiveServer(f"http://127.0.0.1:{port}", port, tmp_path, process)
    try:
        wait_until_ready(server)
        assert sign_up(server).ask("POST", "/v1/buckets", {"name": "Far away"}).status == 201
    finally:
        process.terminate()
        assert process.wait(timeout=LONG) == 0

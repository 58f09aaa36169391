"""Default configuration, what `make run` comes to: an empty folder, an empty environment, and a service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bucketlist import __version__
from tests.patience import LONG
from tests.servers import LiveServer, free_port, wait_until_ready
from tests.serving.wire import ask, sign_up

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_a_first_start_needs_no_setting(tmp_path: Path) -> None:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("COVERAGE_")}
    bucketlist = (sys.executable, str(ROOT / "manage.py"))

    subprocess.run([*bucketlist, "db", "upgrade"], cwd=tmp_path, env=kept, stdout=subprocess.DEVNULL, check=True)
    with (tmp_path / "log").open("wb") as log:
        command = [*bucketlist, "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=tmp_path, env=kept, stdout=log, stderr=subprocess.STDOUT)
    server = LiveServer(f"http://127.0.0.1:{port}", port, tmp_path, process)
    try:
        wait_until_ready(server)

        assert ask(server, "GET", "/readyz").status == 200
        assert sign_up(server).ask("GET", "/v1/buckets").json["count"] == 0
        assert server.log.startswith(f"bucketlist {__version__}, development, on SQLite in data/bucketlist.sqlite\n")
        assert f"Open {server.url} in a browser" in server.log
        assert "WARNING" not in server.log
    finally:
        process.terminate()
        process.wait(timeout=LONG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "log"]

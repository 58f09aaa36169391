"""Default configuration, what `make run` comes to: an empty folder, an empty environment, and a service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bucketlist import __version__
from tests.patience import LONG
from tests.servers import LiveServer, free_port, start_server, wait_until_ready
from tests.serving.wire import PASSWORD, ask, head, send, sign_up, statuses

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


GUNICORN = ("gunicorn", "--bind", "127.0.0.1:{port}", "--threads", "4", "--no-control-socket")
WAITRESS = ("waitress", "--listen", "127.0.0.1:{port}")

CHUNKED = ("Content-Type: application/json", "Transfer-Encoding: chunked", "Connection: close")


@pytest.mark.parametrize(
    ("fresh_url", "command"),
    [("postgresql", GUNICORN), ("sqlite", WAITRESS)],
    indirect=["fresh_url"],
    ids=["gunicorn", "waitress"],
)
def test_somebody_signs_up_through_another_server(command: tuple[str, ...], fresh_url: str, tmp_path: Path) -> None:
    with start_server(
        tmp_path, sys.executable, "-m", *command, "bucketlist.wsgi:app", DATABASE_URL=fresh_url
    ) as server:
        ada = sign_up(server, "ada@example.com")
        made = ada.ask("POST", "/v1/buckets", {"name": "Far away"})
        again = ask(server, "POST", "/v1/auth/login", {"email": "ada@example.com", "password": PASSWORD})
        in_chunks = send(server, head("POST", "/v1/auth/login", *CHUNKED) + b"2\r\n{}\r\n0\r\n\r\n")

        assert (made.status, again.status, statuses(in_chunks)) == (201, 200, [422])
        assert ada.ask("GET", made.headers["location"]).json == made.json
        assert ada.ask("POST", "/v1/auth/logout").status == 204
        assert ada.ask("GET", "/v1/users/me").status == 401
    assert server.log.count('"event":"request"') >= 7

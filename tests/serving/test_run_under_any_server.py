"""`bucketlist.wsgi:app` is an application for any WSGI server."""

import sys
from pathlib import Path

import pytest

from tests.servers import start_server
from tests.serving.wire import PASSWORD, ask, head, send, sign_up, statuses

pytestmark = pytest.mark.slow

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

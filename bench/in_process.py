"""CPU profile of a request inside the process, without a server: `python -m bench.in_process [DATABASE_URL [WHAT]]`.

It moves less than a measurement over the wire, so it shows what a change of a few microseconds does. Each figure is the
best of several rounds: what disturbs a round only makes it slower. Without an address it measures on SQLite; with WHAT,
such as "get one item", nothing else, which is what a profiler wants to see.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

from bucketlist.app import create_app
from bucketlist.config import Settings, load_settings
from bucketlist.kit.ids import new_id
from bucketlist.migrations import runner

ROUNDS = 7
REQUESTS = 1_000  # a round
ITEMS = 30
SECRET_KEY = "c41d97e05ab3628f7e0b53d9168ca2f4d57b0e9386f1c24a"  # opens nothing that is kept

Ask = Callable[[str, str, bytes], bytes]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bucketlist-in-process-") as folder:
        settings = load_settings(
            app_setting="production",
            secret_key=SECRET_KEY,
            database_url=sys.argv[1] if len(sys.argv) > 1 else "",
            data_dir=Path(folder),
            ratelimit_enabled=False,
        )
        runner.upgrade(settings)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # the access log is written, and thrown away
        measure(settings)


def measure(settings: Settings) -> None:
    app = create_app(settings)
    client = app.test_client()
    account = {"email": f"{new_id()}@example.com", "password": "a long walk by the sea"}
    token = client.post("/v1/auth/register", json=account).get_json()["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    bucket = client.post("/v1/buckets", json={"name": "Far away"}, headers=headers).get_json()["id"]
    items = f"/v1/buckets/{bucket}/items"
    body = {"name": "See the northern lights"}
    item = [client.post(items, json=body, headers=headers).get_json()["id"] for _ in range(ITEMS)][-1]
    ask = asker(app.wsgi_app, token)
    for what, method, path, *bodies in (
        ("no database", "GET", "/healthz", b""),
        ("get one item", "GET", f"/v1/items/{item}", b""),
        ("list 25 items", "GET", f"{items}?limit=25", b""),
        ("list buckets", "GET", "/v1/buckets?limit=25", b""),
        ("change", "PATCH", f"/v1/items/{item}", b'{"state": "done"}', b'{"state": "open"}'),  # else nothing changes
        ("create", "POST", items, b'{"name": "See the northern lights"}'),
    ):
        if what in (sys.argv[2:] or [what]):
            print(f"{what:14} {best(asking(ask, method, path, bodies)):6.1f} µs")


def asking(ask: Ask, method: str, path: str, bodies: list[bytes]) -> Callable[[], bytes]:
    """One request after the other, with the `bodies` in turn."""
    turns = cycle(bodies)
    return lambda: ask(method, path, next(turns))


def asker(application: Any, token: str) -> Ask:
    """What a server hands over for a request, handed over."""

    def ask(method: str, path: str, sent: bytes) -> bytes:
        place, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": place,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SCRIPT_NAME": "",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(sent),
        }
        if sent:
            environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(sent))}
        answer = application(environ, lambda *_: None)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return body

    return ask


def best(act: Callable[[], object]) -> float:
    """CPU time of the process for one `act`, in microseconds, of the best round."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        for _ in range(REQUESTS):
            act()
        rounds.append((time.process_time_ns() - began) / REQUESTS / 1000)
    return min(rounds)


if __name__ == "__main__":
    main()

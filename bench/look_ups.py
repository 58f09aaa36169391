"""CPU time of what is looked up in a directory first: `python -m bench.look_ups DATABASE_URL [--at ANOTHER_CHECKOUT]`.

Log-in, refresh and the links of letters, each inside a process, without a server or the password's hash, which would
hide all else. Each checkout (which need not have an environment of its own) has a process and an empty database, and
they take turns, round by round; this checkout has two, so that their difference is the noise. A figure is the best of
all rounds, of the process and of its connections to PostgreSQL, in microseconds of a request.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from pwdlib.hashers.argon2 import Argon2Hasher

HERE = Path(__file__).parents[1]
REQUESTS = 20  # of a kind in a round; few, so that some rounds are not disturbed
PASSWORD = "a long walk by the sea"
SECRET_KEY = "c41d97e05ab3628f7e0b53d9168ca2f4d57b0e9386f1c24a"  # opens nothing that is kept
EMAIL, NOBODY = "ada@example.com", "nobody@example.com"
HOME = "https://lists.example.org"

Ask = Callable[[str, dict[str, str]], dict[str, Any]]
_numbers = count(1)


def main() -> None:
    """Take turns, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="a server of PostgreSQL, on which databases can be made")
    parser.add_argument("--at", type=Path, action="append", default=[], help="another checkout")
    parser.add_argument("--rounds", type=int, default=50)
    asked = parser.parse_args()
    checkouts = [HERE, HERE, *(path.resolve() for path in asked.at)]
    workers = [start(checkout, create_database(asked.url)) for checkout in checkouts]
    best: list[dict[str, list[float]]] = [{} for _ in workers]
    for _ in range(asked.rounds):
        for worker, found in zip(workers, best, strict=True):
            for kind, figures in ask_for_a_round(worker).items():
                found[kind] = [min(pair) for pair in zip(figures, found.get(kind, figures), strict=True)]
    for kind in best[0]:
        for checkout, found in zip(checkouts, best, strict=True):
            statements, ours, theirs = found[kind]
            told = f"{statements:2.0f} statements, {ours + theirs:6.0f} µs: {ours:.0f} and {theirs:.0f} of PostgreSQL"
            print(f"{kind:15} {checkout.name:12} {told}")


def create_database(server_url: str) -> str:
    name = f"bucketlist_look_ups_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def start(checkout: Path, url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", f"import runpy; runpy.run_path({__file__!r})['work']({url!r})"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def ask_for_a_round(worker: "subprocess.Popen[str]") -> dict[str, list[float]]:
    asking, answering = worker.stdin, worker.stdout
    if not asking or not answering:
        raise RuntimeError(worker)
    asking.write("\n")
    asking.flush()
    found: dict[str, list[float]] = json.loads(answering.readline())
    return found


def work(url: str) -> None:
    """In a process of its own: a round for each line that comes in."""
    from bucketlist.app import create_app  # noqa: PLC0415  # of whichever checkout it is
    from bucketlist.auth import passwords  # noqa: PLC0415
    from bucketlist.config import load_settings  # noqa: PLC0415
    from bucketlist.migrations import runner  # noqa: PLC0415
    from bucketlist.services import services_of  # noqa: PLC0415

    cheap = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._hasher, passwords.HASH_OF_NOBODY = cheap, cheap.hash("nobody's")
    settings = load_settings(
        app_setting="production",
        secret_key=SECRET_KEY,
        database_url=url,
        data_dir=Path(tempfile.mkdtemp(prefix="bucketlist-look-ups-")),
        ratelimit_enabled=False,
        mail_url="smtp://127.0.0.1:1",
        public_url=HOME,
    )
    runner.upgrade(settings)
    services = services_of(app := create_app(settings))
    with services.at_work():
        kinds = list(requests(app.test_client()))
        for _ in sys.stdin:
            print(json.dumps({kind: measure(services.database, ask) for kind, ask in kinds}), flush=True)


def requests(client: Any) -> Iterator[tuple[str, Callable[[], Callable[[], Any]]]]:
    """Each kind of request, made ready; what is given back makes it."""

    def post(path: str, **body: str) -> Any:
        response = client.post(f"/v1/auth/{path}", json=body, base_url=HOME)
        if response.status_code >= 400 and body.get("email") != NOBODY:
            raise RuntimeError(response.text)
        return response.get_json(silent=True) or {}

    post("register", email=EMAIL, password=PASSWORD)
    tokens: list[str] = []
    yield "log in", lambda: lambda: tokens.append(post("login", email=EMAIL, password=PASSWORD)["refreshToken"])
    yield "log in, unknown", lambda: lambda: post("login", email=NOBODY, password=PASSWORD)
    yield "refresh", lambda: lambda: tokens.append(post("refresh", refreshToken=tokens.pop())["refreshToken"])
    yield "forgot", lambda: lambda: post("password/forgot", email=EMAIL)
    yield "forgot, unknown", lambda: lambda: post("password/forgot", email=NOBODY)
    known = {"currentPassword": PASSWORD}
    for kind, path, more in (
        ("confirm", "email/confirm", known),
        ("reset", "password/reset", {"newPassword": PASSWORD}),
    ):
        yield kind, lambda kind=kind, path=path, more=more: following(post, kind, path, more)  # type: ignore[misc]


def following(post: Any, kind: str, path: str, more: dict[str, str]) -> Callable[[], Any]:
    """Follows a link that was just sent."""
    from bucketlist.accounts import service  # noqa: PLC0415  # of whichever checkout it is
    from bucketlist.kit.db.database import Statement, execute, transaction  # noqa: PLC0415
    from bucketlist.mail import notifications  # noqa: PLC0415
    from bucketlist.models import outbox  # noqa: PLC0415

    execute(Statement(outbox.delete()), {})
    with transaction():
        notifications.send_link(service.get_user_by_email(EMAIL), kind)  # type: ignore[arg-type]  # it is one
    ((seed,),) = execute(Statement(outbox.select().with_only_columns(outbox.c.seed)), {})
    token = notifications.token_of(seed)
    return lambda: post(path, token=token, **more)


def measure(database: Any, make_ready: Callable[[], Callable[[], Any]]) -> list[float]:
    """Of a request: statements, microseconds of this process, and of those that serve its connections."""
    executed, ours, theirs = count(), 0, 0
    for _ in range(REQUESTS):
        act = make_ready()
        pids = [connection._raw.backend_pid for connection in database.pool._idle if connection]
        servers = [Path(f"/proc/{pid}/schedstat") for pid in pids]
        database.on_execute = lambda *_: next(executed)
        began, began_there = time.process_time_ns(), cpu_of(servers)
        act()
        ours += time.process_time_ns() - began
        theirs += cpu_of(servers) - began_there
        database.on_execute = None
    return [next(executed) / REQUESTS, ours / REQUESTS / 1000, theirs / REQUESTS / 1000]


def cpu_of(servers: list[Path]) -> int:
    """Nanoseconds that they have run."""
    return sum(int(path.read_text().split()[0]) for path in servers)


if __name__ == "__main__":
    main()

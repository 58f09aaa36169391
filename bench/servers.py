"""The servers that are compared, and how each is started: one worker process on one core."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench import ours
from bench.client import Client
from bench.postgres import CACHE
from bench.process import Cores
from bucketlist.server.granian import BACKLOG, BLOCKING_THREADS

START_SECONDS = 30
UVICORN = ("uvicorn", "{app}", "--port", "{port}", "--no-access-log", "--log-level", "warning")
GRANIAN = ("granian", "{app}", "--interface", "wsgi", "--port", "{port}", "--workers", "1", "--no-ws")
GUNICORN = ("gunicorn", "{app}", "--bind", "127.0.0.1:{port}", "--workers", "1", "--worker-class", "gthread")


@dataclass(frozen=True)
class Server:
    """Something that is measured. `command` is a module with its arguments; `{app}` and `{port}` are filled in."""

    key: str
    title: str
    app: str
    command: tuple[str, ...]

    @property
    def is_ours(self) -> bool:
        return self.key == OURS.key


OURS = Server("bucketlist", "bucketlist", "", ("bucketlist", "serve"))
FLOOR = Server(
    "flask_hello",
    "the floor: Flask hello, granian",
    "bench.peers.flask_hello:app",
    (*GRANIAN, "--blocking-threads", str(BLOCKING_THREADS), "--backlog", str(BACKLOG), "--backpressure", str(BACKLOG)),
)
PEERS = (
    Server("litestar_asyncpg", "Litestar + asyncpg, tuned, uvicorn", "bench.peers.litestar_asyncpg:app", UVICORN),
    Server(
        "fastapi_asyncpg", "FastAPI + asyncpg, PyJWT, pydantic, uvicorn", "bench.peers.fastapi_asyncpg:app", UVICORN
    ),
    Server("fastapi_sqlalchemy", "FastAPI + SQLAlchemy async, uvicorn", "bench.peers.fastapi_sqlalchemy:app", UVICORN),
    Server(
        "django_ninja",
        "django-ninja, granian",
        "bench.peers.django_site.wsgi:application",
        (*GRANIAN, "--blocking-threads", "8"),
    ),
    Server(
        "flask_sqlalchemy",
        "classic Flask + Flask-SQLAlchemy, gunicorn (the article's stack)",
        "bench.peers.flask_sqlalchemy:app",
        (*GUNICORN, "--threads", "8"),
    ),
)
ALL = (OURS, *PEERS, FLOOR)


@dataclass
class Running:
    """A server that serves; its process is the root of the tree that is measured."""

    server: Server
    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def start(server: Server, database_url: str, cores: Cores, **settings: str) -> Iterator[Running]:
    """`server` on a free port, until the block ends."""
    port = free_port()
    command = [part.format(app=server.app, port=port) for part in server.command]
    environment = ours.environment(database_url, PORT=str(port), HOST="127.0.0.1", **settings)
    environment |= {"TOKEN_KEY": ours.TOKEN_KEY.hex(), "PYTHONPATH": str(Path(__file__).parent.parent)}
    with (CACHE / f"{server.key}.log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=environment,
            cwd=CACHE,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {cores.server}),  # noqa: PLW1509  # no thread is running yet
        )
        try:
            wait_until_ready(process, port, server)
            yield Running(server, port, process, time.perf_counter() - began)
        finally:
            stop(process)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(process: subprocess.Popen[bytes], port: int, server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            if Client(port).get("/readyz" if server.is_ours else "/").status < 500:
                return
        time.sleep(0.01)
    raise RuntimeError(f"{server.title} did not start:\n{(CACHE / f'{server.key}.log').read_text()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

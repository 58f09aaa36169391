"""Load generator for restarts: several people who add, read, change and remove, each on a connection that is kept."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count

from tests.patience import LONG
from tests.servers import LiveServer
from tests.serving.wire import Visitor, ask_on

PEOPLE = 8
PAUSE_SECONDS = 0.02  # so that the machine is not busy with these alone
PATIENCE_SECONDS = LONG


@dataclass(frozen=True)
class Failure:
    """A request without the answer that it should have had."""

    began: float
    method: str
    what: str


@dataclass
class Load:
    """What people did, and what went wrong."""

    failures: list[Failure] = field(default_factory=list)
    requests: int = 0
    added: int = 0
    removed: int = 0


class Worker(threading.Thread):
    """Somebody who works until told to stop."""

    def __init__(
        self, server: LiveServer, visitor: Visitor, items_path: str, stop: threading.Event, load: Load
    ) -> None:
        super().__init__(daemon=True)
        self._server, self._visitor, self._items_path, self._stop_now, self._load = (
            server,
            visitor,
            items_path,
            stop,
            load,
        )
        self._connection = self._connect()

    def _connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._server.port, timeout=PATIENCE_SECONDS)

    def run(self) -> None:
        for number in count():
            if self._stop_now.is_set():
                break
            added = self._ask("POST", self._items_path, 201, {"name": f"Wish {number}"})
            if added:
                self._load.added += 1
                self._ask("GET", added, 200)
                self._ask("PATCH", added, 200, {"state": "done"})
                if self._ask("DELETE", added, 204):
                    self._load.removed += 1
            self._ask("GET", self._items_path, 200)
        self._connection.close()

    def _ask(self, method: str, path: str, wanted: int, body: object = None) -> str | None:
        """Where it is, when all went well."""
        began = time.monotonic()
        try:
            answer = ask_on(self._connection, method, path, body, Authorization=f"Bearer {self._visitor.token}")
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._connection = self._connect()
            self._note(Failure(began, method, repr(error)))
            return None
        if answer.status != wanted:
            self._note(Failure(began, method, f"{answer.status} {answer.body!r}"))
            return None
        self._load.requests += 1
        self._stop_now.wait(PAUSE_SECONDS)
        return answer.headers.get("location", path)

    def _note(self, failure: Failure) -> None:
        self._load.requests += 1
        self._load.failures.append(failure)


@contextmanager
def people_at_work(server: LiveServer, visitor: Visitor) -> Iterator[Load]:
    """Several use the account of `visitor` by way of `server`, until the block ends."""
    bucket = visitor.ask("POST", "/v1/buckets", {"name": "Under load"}).json
    path = f"/v1/buckets/{bucket['id']}/items"
    load, stop = Load(), threading.Event()
    workers = [Worker(server, visitor, path, stop, load) for _ in range(PEOPLE)]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        stop.set()
    for worker in workers:
        worker.join(2 * PATIENCE_SECONDS)
        assert not worker.is_alive()
    if not load.failures:  # then nothing was lost, and nothing was done twice
        assert visitor.ask("GET", path).json["count"] == load.added - load.removed

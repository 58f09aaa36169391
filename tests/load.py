"""Concurrency: people who go on while something is restarted or goes wrong, and every answer that they got."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from threading import Event

from sqlalchemy import Connection, text

from tests.concurrency import wait_until
from tests.patience import LONG
from tests.serving.wire import Answer, Visitor, ask_on

CLIENTS = 4
PAGES = ("/healthz", "/readyz", "/")
PAUSE_SECONDS = 0.02  # between two requests, so that the machine is not busy with these alone


@dataclass
class Asked:
    """A request: when it was sent and answered, and what came back."""

    name: str
    sent_at: float
    answered_at: float
    answer: Answer

    @property
    def seconds(self) -> float:
        return self.answered_at - self.sent_at


@dataclass
class Load:
    """What was asked so far: items that were to be made in a bucket, and pages that were looked at."""

    bucket: str  # where it is
    looked: dict[str, list[Asked]]
    made: list[Asked] = field(default_factory=list)

    def all_asked(self) -> list[Asked]:
        return [*self.made, *(asked for told in self.looked.values() for asked in told)]

    @property
    def acknowledged(self) -> set[str]:
        """The names of the items that were made."""
        return {asked.name for asked in self.made if asked.answer.status == 201}

    @property
    def refused(self) -> list[Asked]:
        return [asked for asked in self.made if asked.answer.status != 201]

    def first_success_after(self, moment: float) -> float:
        """How many seconds after `moment` the first item was made that was asked for later."""
        later = [asked for asked in self.made if asked.answer.status == 201 and asked.sent_at >= moment]
        return min(asked.answered_at for asked in later) - moment

    def is_back_since(self, moment: float) -> bool:
        """Has everything been answered well that was asked later?"""
        kinds = [list(kind) for kind in (self.made, *self.looked.values())]
        return all(any(each.answer.status < 300 and each.sent_at >= moment for each in kind) for kind in kinds)

    def statuses(self, path: str) -> set[int]:
        return {asked.answer.status for asked in self.looked[path]}


def wait_until_all_is_well(load: Load) -> float:
    """Until each kind of request has been answered as it should be; gives the moment at which the wait began."""
    began = time.monotonic()
    wait_until(lambda: load.is_back_since(began), seen=lambda: [each.answer for each in load.all_asked()[-9:]])
    return began


class Client:
    """Somebody who asks again and again, on one connection, which has to last.

    One who `insists` sends what was refused again, with its `Idempotency-Key`, until it is done.
    """

    def __init__(self, somebody: Visitor, stop: Event, *, insists: bool = False) -> None:
        self._somebody = somebody
        self._stop = stop
        self._insists = insists

    def make_items(self, bucket_id: str, number: int, told: list[Asked]) -> None:
        path, turns = f"/v1/buckets/{bucket_id}/items", count(1)
        self._keep(lambda: ("POST", path, f"{bucket_id} {number} {next(turns)}"), told)

    def look_at(self, path: str, told: list[Asked]) -> None:
        self._keep(lambda: ("GET", path, ""), told)

    def _keep(self, next_one: Callable[[], tuple[str, str, str]], told: list[Asked]) -> None:
        headers = {"Authorization": f"Bearer {self._somebody.token}"}
        with closing(HTTPConnection("127.0.0.1", self._somebody.server.port, timeout=LONG)) as line:
            wanted = next_one()
            while not self._stop.is_set():
                method, path, name = wanted
                if name and self._insists:
                    headers["Idempotency-Key"] = name.replace(" ", "-")
                sent_at = time.monotonic()
                answer = ask_on(line, method, path, {"name": name} if name else None, **headers)
                told.append(Asked(name, sent_at, time.monotonic(), answer))
                if not (name and self._insists and answer.status == 503):
                    wanted = next_one()
                self._stop.wait(PAUSE_SECONDS)


@contextmanager
def under_load(somebody: Visitor, pages: tuple[str, ...] = PAGES, *, insists: bool = False) -> Iterator[Load]:
    """While the block lasts, four people make items one after the other, and pages are looked at."""
    bucket_id = somebody.ask("POST", "/v1/buckets", {"name": "Under load"}).json["id"]
    load, stop = Load(f"/v1/buckets/{bucket_id}", {path: [] for path in (*pages, f"/v1/buckets/{bucket_id}")}), Event()
    with ThreadPoolExecutor(CLIENTS + len(load.looked)) as threads:
        client = Client(somebody, stop, insists=insists)
        at_work = [threads.submit(client.make_items, bucket_id, number, load.made) for number in range(CLIENTS)]
        at_work += [threads.submit(client.look_at, path, told) for path, told in load.looked.items()]
        try:
            yield load
        finally:
            stop.set()
        for each in at_work:
            each.result()


def find_misfits(load: Load) -> list[Asked]:
    """Answers that are neither a success nor a 503 as it should be."""
    return [asked for asked in load.all_asked() if not (asked.answer.status < 300 or is_proper(asked.answer))]


def names_of_items(connection: Connection) -> set[str]:
    return {str(found) for (found,) in connection.execute(text("SELECT name FROM items"))}


def is_proper(answer: Answer) -> bool:
    """Is it a 503 that says when to come again, and what happened?"""
    return (
        answer.status == 503
        and answer.headers["retry-after"] == "1"
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json["code"] == "unavailable"
    )

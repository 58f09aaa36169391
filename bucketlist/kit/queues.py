"""Fair queuing for a thread pool: a few threads for dear work, and whoever has asked for little lately comes first.

Who floods waits behind themselves: each piece of work of the last minute or two puts the next one further back, and
when the queue is full the one that is furthest back has to go. A stranger begins further back than whoever is known,
for strangers may have a new name and a new network each time.

Source: Demers, Keshav and Shenker, Analysis and Simulation of a Fair Queueing Algorithm, SIGCOMM 1989.
"""

import heapq
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from bucketlist.kit.errors import Unavailable
from bucketlist.kit.usage import RecentUsage

REMEMBERED_SECONDS = 60.0
HEAD_START = 20  # so often may whoever is known come before they count as strangers, who come from ever new networks

T = TypeVar("T")


class Flow(NamedTuple):
    """The flow (of fair queuing) that work belongs to: a person as they are reached from one network, and the network.

    `is_known`: have they shown before who they are, or do they bring what strangers cannot have?
    """

    person: str
    network: str
    is_known: bool = False


@dataclass(order=True)
class Waiting:
    """A task in the queue, by its rank: how often its person (with `HEAD_START`) and network came before, and when."""

    rank: tuple[float, float, int]
    work: Callable[[], Any] = field(compare=False)
    done: Future[Any] = field(default_factory=Future, compare=False)


class FairQueue:
    """A thread pool with fair queuing: always the same few threads, so that memory that one has used is used again."""

    def __init__(self, threads: int, most_waiting: int, name: str, busy: str) -> None:
        """`busy` is what whoever finds no place is told."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most_waiting = most_waiting
        self._busy = busy
        self._waiting: list[Waiting] = []  # a heap
        self._working = 0
        self._of_people, self._of_networks = RecentUsage(REMEMBERED_SECONDS), RecentUsage(REMEMBERED_SECONDS)
        self._numbers = count()
        self._changing = Lock()

    def __len__(self) -> int:
        """How many are being worked on, or wait."""
        return len(self._waiting) + self._working

    def run(self, work: Callable[[], T], flow: Flow, wait_seconds: float) -> T:
        """Run a task in the thread pool: what `work` gives, when its turn has come.

        Raises: `Unavailable` when it does not come within `wait_seconds`, or the queue is full of those before it.
        """
        entered = self._enter(work, flow)
        self._threads.submit(self._serve)
        try:
            return entered.done.result(timeout=wait_seconds)  # type: ignore[no-any-return]  # it is what `work` gives
        except TimeoutError:
            if not self._leave(entered):
                return entered.done.result()  # type: ignore[no-any-return]  # it has begun, so it is about to end
            raise Unavailable(self._busy) from None

    def _enter(self, work: Callable[[], T], flow: Flow) -> Waiting:
        with self._changing:
            came = self._of_people.add(flow.person, 1) + (0 if flow.is_known else HEAD_START)
            entered = Waiting((came, self._of_networks.add(flow.network, 1), next(self._numbers)), work)
            heapq.heappush(self._waiting, entered)
            last = max(self._waiting) if len(self._waiting) > self._most_waiting else None
            if last:
                self._remove(last)
        if last:
            last.done.set_exception(Unavailable(self._busy))
        return entered

    def _leave(self, entered: Waiting) -> bool:
        """Had it not begun? It will not."""
        with self._changing:
            return entered in self._waiting and self._remove(entered)

    def _remove(self, one: Waiting) -> bool:
        self._waiting.remove(one)
        heapq.heapify(self._waiting)
        return True

    def _serve(self) -> None:
        """Do what comes first; nothing when whoever came has left."""
        with self._changing:
            if not self._waiting:
                return
            first = heapq.heappop(self._waiting)
            self._working += 1
        try:
            first.done.set_result(first.work())
        except BaseException as error:  # noqa: BLE001  # it is for whoever waits
            first.done.set_exception(error)
        finally:
            with self._changing:
                self._working -= 1

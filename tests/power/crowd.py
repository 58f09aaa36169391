"""Load for crash recovery: people who write while something is about to be killed, and know what was acknowledged.

Each of them does one thing after the other until there is no answer any more. What was acknowledged has to be there
afterwards; what was on its way may be, as a whole.
"""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Protocol

from bucketlist.auth.tokens import GRACE_SECONDS
from bucketlist.kit.ids import new_id
from tests.people import PASSWORD
from tests.serving.wire import Answer, ask_on

Counts = dict[str, int]  # rows of a user, by table


@dataclass
class Found:
    """What is in the database after a cut: names of items by their ids, and who has how many rows where."""

    items: dict[str, str]
    counts: dict[str, Counts]


class Worker(Protocol):
    """Somebody who writes. `acknowledged` counts what was."""

    acknowledged: int

    def step(self, line: HTTPConnection) -> bool:
        """One thing; False when there is nothing more to do, or no database."""

    def find_lost(self, found: Found) -> Iterator[str]:
        """What was acknowledged and is not there. From then on, what is there is what counts."""


def work(worker: Worker, port: int) -> None:
    """Until nobody answers."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as line, suppress(OSError, HTTPException):
        while worker.step(line):
            pass


def is_done(answer: Answer, wanted: int) -> bool:
    """Was it? A 503 says that there is no database now; anything else is a mistake of ours."""
    assert answer.status in (wanted, 503), (answer.status, answer.body)
    return answer.status == wanted


@dataclass
class Writer:
    """Makes items, changes every third and removes some."""

    bucket_id: str
    token: str
    acknowledged: int = 0
    turn: int = 0
    kept: dict[str, str | None] = field(default_factory=dict)  # the name, or None for what was removed
    sent: dict[str, str | None] = field(default_factory=dict)  # … and not acknowledged yet

    def step(self, line: HTTPConnection) -> bool:
        self.turn += 1
        there = [item_id for item_id, name in list(self.kept.items())[-10:] if name is not None]
        headers = {"Authorization": f"Bearer {self.token}"}
        name = f"turn {self.turn}"
        if there and self.turn % 3 == 0:
            self.sent[there[0]] = name
            done = is_done(ask_on(line, "PATCH", f"/v1/items/{there[0]}", {"name": name}, **headers), 200)
        elif there and self.turn % 7 == 0:
            self.sent[there[-1]] = None
            done = is_done(ask_on(line, "DELETE", f"/v1/items/{there[-1]}", **headers), 204)
        else:
            item_id = new_id()
            self.sent[item_id] = name
            body = {"id": item_id, "name": name}
            done = is_done(ask_on(line, "POST", f"/v1/buckets/{self.bucket_id}/items", body, **headers), 201)
        if done:
            self.acknowledged += 1
            self.kept.update(self.sent)
            self.sent.clear()
        return done

    def find_lost(self, found: Found) -> Iterator[str]:
        for item_id, name in self.kept.items():
            there = found.items.get(item_id)
            if there != name and not (item_id in self.sent and there == self.sent[item_id]):
                yield f"{item_id} is {there!r}, and {name!r} was acknowledged"
        self.kept = {item_id: found.items.get(item_id) for item_id in self.kept | self.sent}
        self.sent.clear()


@dataclass
class Refresher:
    """Stays signed in, as a browser does: follows each token to its successor, and asks again if it gets none."""

    email: str
    refresh_token: str
    acknowledged: int = 0
    signed_out: int = 0
    asked_at: float | None = None  # when no answer has come to that yet

    def step(self, line: HTTPConnection) -> bool:
        path, body = "refresh", {"refreshToken": self.refresh_token}
        if self.asked_at and time.monotonic() - self.asked_at > GRACE_SECONDS - 1:  # the machine is too busy to tell
            path, body = "login", {"email": self.email, "password": PASSWORD}
        self.asked_at = time.monotonic()
        answer = ask_on(line, "POST", f"/v1/auth/{path}", body)
        if answer.status == 401:
            self.signed_out += 1
            return False
        if is_done(answer, 200):
            self.acknowledged += 1
            self.refresh_token = answer.json["refreshToken"]
            self.asked_at = None
        return answer.status == 200

    def find_lost(self, _: Found) -> Iterator[str]:
        if self.signed_out:
            yield "somebody who was signed in is not any more"


@dataclass
class Leaver:
    """Removes one account after the other: `staying` are their ids and tokens, and what each of them has."""

    staying: dict[str, str]
    has: Counts
    acknowledged: int = 0
    leaving: str = ""
    gone: set[str] = field(default_factory=set)

    def step(self, line: HTTPConnection) -> bool:
        if not self.staying:
            return False
        self.leaving, token = next(iter(self.staying.items()))
        headers = {"Authorization": f"Bearer {token}"}
        answer = ask_on(line, "DELETE", "/v1/users/me", {"password": PASSWORD}, **headers)
        if is_done(answer, 204):
            self.acknowledged += 1
            self._has_left()
        return answer.status == 204

    def _has_left(self) -> None:
        self.gone.add(self.leaving)
        del self.staying[self.leaving]
        self.leaving = ""

    def find_lost(self, found: Found) -> Iterator[str]:
        if self.leaving and self.leaving not in found.counts:
            self._has_left()
        self.leaving = ""
        if back := self.gone & found.counts.keys():
            yield f"{len(back)} accounts that were removed are there"
        for user_id in self.staying:
            if found.counts.get(user_id) != self.has:
                yield f"of an account that stays there is {found.counts.get(user_id)}"

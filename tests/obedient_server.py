"""HTTP server of tests, a process of its own: `python -m tests.obedient_server serve` is `bucketlist serve` that obeys.

With each request comes what the test has that asks: its settings, its address, its clock, and the numbers that it has
put in the place of ours. There are no background threads, as in the tests: nothing is sent or pruned that a test does
not have sent or pruned.
"""

import base64
import pickle
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import time_machine

from bucketlist.app import create_app
from bucketlist.cli import main
from bucketlist.config import load_settings
from bucketlist.kit.http.middleware import Start
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits.quotas import Quota
from bucketlist.services import services_of
from tests.hashing import hash_cheaply

HEADER = "Test-Orders"
KEY = "HTTP_TEST_ORDERS"
MOST_APPS = 10  # that have connections to the database; each is for other settings
EPOCH = datetime.fromtimestamp(0, UTC)


class Orders(NamedTuple):
    """What a server is to obey in a request, and until it is told otherwise."""

    settings: bytes  # pickled
    address: str  # from which the request comes
    moment: tuple[int, bool] | None = None  # nanoseconds since 1970, and does the clock tick? None: it is now
    values: tuple[tuple[str, str, object], ...] = ()  # in the place of ours, by module and name; of a quota its number

    def as_header(self) -> str:
        return base64.b64encode(pickle.dumps(tuple(self))).decode()

    @classmethod
    def from_header(cls, header: str) -> "Orders":
        return cls._make(pickle.loads(base64.b64decode(header)))  # noqa: S301  # it is a test that sends it


class Obedient:
    """WSGI application that is, in each request, as the test is which asks."""

    def __init__(self, app: ApiApp) -> None:
        self.extensions, self.wsgi_app = app.extensions, app.wsgi_app  # at which `bucketlist serve` looks
        self._plain = app
        self._apps: dict[bytes, ApiApp] = {}
        self._last = Orders(b"", "")
        self._clock, self._patch = ExitStack(), pytest.MonkeyPatch()
        self._changing = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        if not (header := environ.pop(KEY, None)):
            return self._plain(environ, start_response)
        orders = Orders.from_header(header)
        environ["REMOTE_ADDR"] = orders.address
        with self._changing:
            app = self._obey(orders)
        return app(environ, start_response)

    def _obey(self, orders: Orders) -> ApiApp:
        app = self._apps.pop(orders.settings, None)
        if app is None:
            app = create_app(pickle.loads(orders.settings))  # noqa: S301  # the same
        self._apps[orders.settings] = app
        if len(self._apps) > MOST_APPS:
            services_of(self._apps.pop(next(iter(self._apps)))).database.pool.close()
        if orders.moment != self._last.moment:
            self._travel_to(orders.moment)
        if orders.values != self._last.values:
            self._replace(orders.values)
        self._last = orders
        return app

    def _travel_to(self, moment: tuple[int, bool] | None) -> None:
        self._clock.close()
        if moment:
            there = EPOCH + timedelta(microseconds=moment[0] // 1000)
            self._clock.enter_context(time_machine.travel(there, tick=moment[1]))

    def _replace(self, values: tuple[tuple[str, str, object], ...]) -> None:
        self._patch.undo()
        for name, attribute, value in values:
            module = import_module(name)
            is_quota = isinstance(getattr(module, attribute), Quota)
            self._patch.setattr(module, attribute, Quota(value) if is_quota else value)  # type: ignore[arg-type]


class Wsgi(ModuleType):
    """`bucketlist.wsgi` without threads, made when a worker asks for its application."""

    @cached_property
    def app(self) -> Obedient:
        hash_cheaply()
        return Obedient(create_app(load_settings()))


if __name__ == "__main__":
    sys.modules["bucketlist.wsgi"] = Wsgi("bucketlist.wsgi")
    main()

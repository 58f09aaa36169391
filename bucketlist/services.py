"""Dependency container: all that one application is made of, made once and frozen.

Rooms below know nothing of it and take what is theirs from the context variable of `kit/context.py`, by `database()`
and `config.current()`; so two applications in one process keep apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from flask import Flask

from bucketlist.auth.cookie_sessions import CookieSessions
from bucketlist.auth.personal_tokens import PersonalTokens
from bucketlist.auth.tokens import AccessTokens
from bucketlist.config import Settings
from bucketlist.kit.context import at_work
from bucketlist.kit.db.database import Database
from bucketlist.kit.file_storage import FileStorage
from bucketlist.kit.locks import KeyedLock
from bucketlist.kit.metrics import RequestHistogram

KEY = "services"  # among the extensions of a Flask application


@dataclass(frozen=True, slots=True)
class Services:
    """What requests, commands and background threads work with."""

    settings: Settings
    database: Database
    access_tokens: AccessTokens
    personal_tokens: PersonalTokens
    cookie_sessions: CookieSessions
    keyed_lock: KeyedLock
    files: FileStorage
    histogram: RequestHistogram | None  # of requests; None where nobody reads the metrics

    @contextmanager
    def at_work(self) -> Iterator[Self]:
        """Have `services()`, `database()` and `config.current()` be these until the block ends, in this thread."""
        token = at_work.set(self)
        try:
            yield self
        finally:
            at_work.reset(token)


def services() -> Services:
    """Those of the application that is at work. Raises: `LookupError` where none is."""
    found: Services = at_work.get()
    return found


def services_of(app: Flask) -> Services:
    """Those that `app` was made of."""
    found: Services = app.extensions[KEY]
    return found

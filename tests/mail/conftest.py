"""Test fixtures of mail: an application whose mail goes to a real mail server, which can also be away or silent."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests.mailbox import Mailbox, mail_server
from tests.workers import open_worker

HOME = "https://lists.example.org"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Of a mail server that is there."""
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def app_with(app: ApiApp, settings: Settings) -> Iterator[Callable[[str], ApiApp]]:
    """Makes another worker, on the same database, that hands its mail in at a `MAIL_URL`."""

    def make(mail_url: str) -> ApiApp:
        return made.enter_context(open_worker(settings.model_copy(update={"mail_url": mail_url, "public_url": HOME})))

    with ExitStack() as made:
        yield make


@pytest.fixture
def mailing_app(app_with: Callable[[str], ApiApp], mailbox: Mailbox) -> Iterator[ApiApp]:
    """The application at work, whose mail gets to `mailbox` once it is sent."""
    worker = app_with(mailbox.url)
    with services_of(worker).at_work():
        yield worker

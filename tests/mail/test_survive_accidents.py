"""Outbox crash recovery: a mail server comes and goes: nobody waits, nothing is lost, nothing is sent twice."""

import select
import socket
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from bucketlist.config import Settings
from bucketlist.kit.smtp import TIMEOUT_SECONDS
from tests import databases
from tests.concurrency import wait_until
from tests.conftest import on_postgresql, on_sqlite
from tests.mailbox import Mailbox, link_of, mail_server
from tests.patience import LONG
from tests.raw_database import read_all_tables
from tests.servers import LiveServer, start_server

pytestmark = pytest.mark.slow

PASSWORD = "a long walk by the canary sea"
ADA = "ada.canary@example.com"
SECONDS = LONG


@pytest.fixture
def environment_of(settings: Settings) -> Callable[[str], dict[str, str]]:
    """Settings for servers that share one new database, by their `MAIL_URL`."""
    url = databases.create_database(settings.database_url)
    return lambda mail_url: {"DATABASE_URL": url, "MAIL_URL": mail_url, "PUBLIC_URL": "https://lists.example.org"}


def post(server: LiveServer, path: str, body: dict[str, Any]) -> tuple[Any, float]:
    """The answer, and how many seconds it took."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/v1/auth/{path}", to_json(body), headers, method="POST")
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=LONG) as response:
        answer = response.read()
    return (from_json(answer) if answer else None), time.perf_counter() - started


def sign_up(server: LiveServer, email: str = ADA) -> float:
    return post(server, "register", {"email": email, "password": PASSWORD})[1]


def wait_for(mailbox: Mailbox, letters: int) -> None:
    wait_until(lambda: len(mailbox.received) >= letters, SECONDS, mailbox.subjects)


def wait_for_refusal(server: LiveServer) -> None:
    """Until the log tells that the mail server would not have a letter."""
    wait_until(lambda: '"letter_not_sent"' in server.log, SECONDS, lambda: server.log)


def has_called(listening: socket.socket) -> bool:
    """Does somebody wait to be talked to?"""
    return bool(select.select([listening], [], [], 0)[0])


@on_sqlite
@pytest.mark.parametrize("kind", ["away", "silent"])
def test_nobody_waits_for_a_mail_server(
    environment_of: Callable[[str], dict[str, str]], tmp_path: Path, kind: str
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = 1 if kind == "away" else silent.getsockname()[1]
        wanted = environment_of(f"smtp://127.0.0.1:{port}")
        with start_server(tmp_path, **wanted) as server:
            took = [sign_up(server, f"{number}@example.com") for number in range(5)]
            wait_until(lambda: has_called(silent) or '"letter_not_sent"' in server.log, seen=lambda: server.log)
            took += [sign_up(server, f"{number}@example.org") for number in range(5)]
            took += [post(server, "password/forgot", {"email": f"{number}@example.org"})[1] for number in range(5)]

    assert sum(took) / len(took) < TIMEOUT_SECONDS, took  # after which the mail server would have been given up


def test_a_letter_outlasts_a_restart_and_a_mail_server_that_is_away(
    environment_of: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox):
        pass  # so that there is a port, where nobody is now
    wanted = environment_of(mailbox.url)
    with start_server(tmp_path, **wanted) as server:
        sign_up(server)
        wait_for_refusal(server)
    with mail_server(mailbox), start_server(tmp_path, **wanted) as server:
        wait_for(mailbox, 1)
        sent = mailbox.subjects()
        home, page, token = link_of(mailbox.received[0][1])
        post(server, "email/confirm", {"token": token})  # whereupon a link to a new password is sent

    assert sent == [(ADA, "Is this your address?")]
    assert (home, page) == ("https://lists.example.org", "confirm")


@on_postgresql
def test_two_workers_send_each_letter_once(
    environment_of: Callable[[str], dict[str, str]], settings: Settings, tmp_path: Path
) -> None:
    people = [f"{number}@example.com" for number in range(20)]
    with mail_server() as mailbox, ExitStack() as stack:
        wanted = environment_of(mailbox.url)
        there = settings.model_copy(update={"database_url": wanted["DATABASE_URL"]})
        server = stack.enter_context(start_server(tmp_path, WORKERS="2", **wanted))
        for email in people:
            sign_up(server, email)
        wait_until(lambda: read_all_tables(there)["outbox"] == [], seen=mailbox.subjects)

    assert sorted(recipient for recipient, _ in mailbox.received) == sorted(people)


@on_sqlite
def test_no_secret_and_no_address_is_in_the_log_and_no_token_in_the_database(
    environment_of: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    mailbox = Mailbox(answer="451 Not now, canary")
    with mail_server(mailbox, authenticator=mailbox.sign_in, auth_require_tls=False):
        wanted = environment_of(mailbox.url.replace("://", "://canary-user:canary-secret@"))
        with start_server(tmp_path, DEBUG="true", **wanted) as server:
            sign_up(server)
            post(server, "password/forgot", {"email": ADA})
            wait_for_refusal(server)
            mailbox.answer = "250 OK"
            wait_for(mailbox, 2)
            tokens = [link_of(letter)[2] for _, letter in mailbox.received]
            urllib.request.urlopen(f"{server.url}/reset?token={tokens[0]}", timeout=LONG).close()
            log = server.log

    settings = Settings(database_url=wanted["DATABASE_URL"], data_dir=tmp_path / "data")
    rows = str(read_all_tables(settings))
    assert '"letter_not_sent"' in log
    assert "canary" not in log
    assert [token for token in tokens if token in log or token in rows] == []
    assert PASSWORD not in rows

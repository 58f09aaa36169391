"""SSRF: the service fetches nothing that anybody names, and talks to its database and its mail server only."""

import ast
import socket

import pytest

from tests.conftest import on_sqlite
from tests.network import CalledOut, is_here
from tests.people import Person
from tests.routes import ROUTES, Route, body_for, make_place
from tests.sources import PACKAGE, TESTS, read_all

CLIENTS = {"aiohttp", "boto3", "ftplib", "http.client", "httpx", "requests", "urllib.request", "urllib3", "xmlrpc"}
DATABASE = {
    *(
        "kit/db/address.py",
        "kit/db/failover.py",
        "kit/db/postgres.py",
        "kit/db/postgres_driver.py",
        "kit/db/postgres_url.py",
    ),
    *("kit/db/server_state.py", "migrations/opening.py", "backup/rows.py"),
}
MAIL = {"kit/smtp.py"}
OPERATORS = {"cli/health.py", "ops/doctor/reach.py"}  # commands, which ask the service itself
LISTENING = {
    *("kit/log_writer.py", "server/connections.py", "server/metrics_server.py", "server/granian.py"),
    "server/graceful_shutdown.py",
}
TRAPS = [
    *("http://127.0.0.1:9/", "http://169.254.169.254/latest/meta-data/", "https://example.org/a.png", "//example.org"),
]


@pytest.mark.threat(row=44)
def test_no_file_can_fetch_an_address() -> None:
    named = {file.name: file.imports for file in read_all(PACKAGE)}

    assert {file for file, names in named.items() if names & CLIENTS} == OPERATORS
    assert {file for file, names in named.items() if "psycopg" in names} <= DATABASE
    assert {file for file, names in named.items() if "smtplib" in names} <= MAIL
    assert {file for file, names in named.items() if "socket" in names} <= DATABASE | MAIL | LISTENING


@on_sqlite
@pytest.mark.threat(row=44)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_address_in_any_field_is_a_text(ada: Person, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    path, body = make_place(ada).path(route), body_for(route, ada)
    called: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda _, *where: called.append(where))

    for trap in TRAPS:
        for field in body or {}:
            assert body is not None
            ada.ask(route.method, path, type(body)({**body, field: trap}))
        ada.ask(route.method, f"{path}?url={trap}&q={trap}", body, Referer=trap, Origin=trap, X_Forwarded_Host=trap)

    assert called == []


@pytest.mark.threat(row=44)
def test_the_tests_themselves_reach_nobody() -> None:
    with pytest.raises(CalledOut), socket.socket() as connection:
        connection.connect(("192.0.2.1", 80))
    with pytest.raises(CalledOut):
        socket.getaddrinfo("example.org", 80)
    assert is_here("127.0.0.1")
    assert is_here("::1")
    assert not is_here("example.org")


def test_no_audit_hook_is_written_in_python() -> None:
    nodes = [(file.name, node) for file in (*read_all(PACKAGE), *read_all(TESTS)) for node in ast.walk(file.tree)]

    hooks = [name for name, node in nodes if isinstance(node, ast.Attribute) and node.attr == "addaudithook"]

    assert hooks == [], "threads that start at once are lost under coverage; see tests/network.py"

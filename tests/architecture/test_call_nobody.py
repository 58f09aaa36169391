"""SSRF: the service fetches nothing that anybody names, and talks to its database and its mail server only."""

import ast
import socket
from pathlib import Path

import pytest

import bucketlist
from tests.network import CalledOut, is_here
from tests.people import Person
from tests.routes import ROUTES, Route, body_for, make_place

PACKAGE = Path(bucketlist.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
CLIENTS = {"aiohttp", "boto3", "ftplib", "http.client", "httpx", "requests", "urllib.request", "urllib3", "xmlrpc"}
DATABASE = {
    "kit/db/address.py",
    "kit/db/postgres.py",
    "kit/db/postgres_url.py",
    "migrations/opening.py",
    "backup/rows.py",
}
MAIL = {"kit/smtp.py"}
OPERATORS = {"cli/health.py", "ops/doctor/reach.py"}  # commands, which ask the service itself
LISTENING = {
    "kit/log_writer.py",
    "server/connections.py",
    "server/metrics_server.py",
    "server/granian.py",
    "server/graceful_shutdown.py",
}
TRAPS = [
    "http://127.0.0.1:9/",
    "http://169.254.169.254/latest/meta-data/",
    "https://example.org/a.png",
    "//example.org",
]


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.threat(row=44)
def test_no_file_can_fetch_an_address() -> None:
    named = {str(path.relative_to(PACKAGE)): imports_of(path) for path in FILES}

    assert {file for file, names in named.items() if names & CLIENTS} == OPERATORS
    assert {file for file, names in named.items() if "psycopg" in names} <= DATABASE
    assert {file for file, names in named.items() if "smtplib" in names} <= MAIL
    assert {file for file, names in named.items() if "socket" in names} <= DATABASE | MAIL | LISTENING


@pytest.mark.threat(row=44)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_address_in_any_field_is_a_text(ada: Person, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    path, body = make_place(ada).path(route), body_for(route, ada)
    called: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda _, *where: called.append(where))

    for trap in TRAPS:
        for field in body or {}:
            ada.ask(route.method, path, {**(body or {}), field: trap})
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
    tests = sorted(Path(__file__).parents[1].rglob("*.py"))

    hooks = [path.name for path in [*FILES, *tests] if path != Path(__file__) and "addaudithook(" in path.read_text()]

    assert hooks == [], "threads that start at once are lost under coverage; see tests/network.py"

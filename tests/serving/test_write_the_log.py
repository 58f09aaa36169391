"""Access log: one line of JSON a request, and never anything that was sent."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.services import services_of
from tests.concurrency import wait_until
from tests.servers import LiveServer
from tests.serving.wire import Visitor, ask, head, send, sign_up

CANARY = "canary7c1f"
FIELDS = ["time", "event", "id", "method", "route", "status", "microseconds", "user"]


@pytest.fixture(scope="module")
def canary(live_server: LiveServer) -> Visitor:
    return sign_up(live_server, f"{CANARY}@example.com")


def line_of(server: LiveServer, request_id: str) -> dict[str, Any]:
    """The line of one request, which is written a moment after its answer."""
    wait_until(lambda: f'"id":"{request_id}"' in server.log)
    found: dict[str, Any] = json.loads(next(line for line in server.log.splitlines() if f'"id":"{request_id}"' in line))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/v1/users/me", "/v1/users/me", 200),
        ("GET", "/v1/items/of-nobody", "/v1/items/<itemId>", 404),
        ("DELETE", "/v1/buckets", "", 405),
        ("GET", "/nowhere", "", 404),
        ("HEAD", "/healthz", "/healthz", 200),
    ],
)
def test_a_request_has_one_line_with_all_that_an_operator_needs(
    method: str, path: str, route: str, status: int, canary: Visitor
) -> None:
    answer = canary.ask(method, path)

    line = line_of(canary.server, answer.headers["x-request-id"])
    assert list(line) == FIELDS
    assert (line["event"], line["method"], line["route"], line["status"]) == ("request", method, route, status)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert 0 < line["microseconds"] < 20_000_000
    assert canary.server.log.count(answer.headers["x-request-id"]) == 1


@pytest.mark.slow
def test_a_line_names_who_asked_by_id_and_a_stranger_by_nothing(canary: Visitor) -> None:
    me = canary.ask("GET", "/v1/users/me")
    nobody = ask(canary.server, "GET", "/v1/users/me")

    assert line_of(canary.server, me.headers["x-request-id"])["user"] == me.json["id"]
    assert line_of(canary.server, nobody.headers["x-request-id"])["user"] == ""


@pytest.mark.slow
def test_a_request_id_of_the_client_is_taken_over_when_it_is_sane(canary: Visitor) -> None:
    sane = canary.ask("GET", "/v1/users/me", X_Request_Id="trace-42/a")
    odd = canary.ask("GET", "/v1/users/me", X_Request_Id='"},{"event":"forged')

    assert line_of(canary.server, "trace-42/a")["status"] == sane.status
    assert "forged" not in canary.server.log
    assert line_of(canary.server, odd.headers["x-request-id"])["status"] == 200


@pytest.mark.slow
def test_a_method_that_does_not_exist_is_not_written_down(canary: Visitor) -> None:
    answer = ask(canary.server, "HUNTER", "/healthz")

    assert line_of(canary.server, answer.headers["x-request-id"])["method"] == "?"
    assert "HUNTER" not in canary.server.log


@pytest.mark.threat(row=39)
@pytest.mark.slow
def test_nothing_that_is_sent_comes_into_the_log(canary: Visitor) -> None:
    send_canaries_everywhere(canary)

    last = ask(canary.server, "GET", "/healthz")
    line_of(canary.server, last.headers["x-request-id"])
    log = canary.server.log
    assert CANARY not in log
    assert canary.token not in log
    assert "\\u" not in log


def send_canaries_everywhere(canary: Visitor) -> None:
    """The word, through every door: paths, queries, headers, bodies that are right and bodies that are not."""
    server, bad = canary.server, f"{CANARY}\n"
    for path in (f"/{CANARY}", f"/v1/{CANARY}", f"/v1/items/{CANARY}", f"/v1/items?q={CANARY}", f"/?{CANARY}={CANARY}"):
        canary.ask("GET", path)
        ask(server, "GET", path, Authorization=f"Bearer {CANARY}", Cookie=CANARY, Referer=CANARY, User_Agent=CANARY)
        canary.ask("PATCH", path, {CANARY: CANARY}, If_Match=f'"{CANARY}"', X_Forwarded_For=CANARY)
    for body in ({"email": f"{CANARY}@example.com", "password": CANARY}, {"email": bad, "password": bad}, {CANARY: 1}):
        for route in ("register", "login", "refresh"):
            ask(server, "POST", f"/v1/auth/{route}", body)
        canary.ask("PUT", "/v1/auth/password", body)
        canary.ask("DELETE", "/v1/users/me", body)
    for name in (CANARY, bad, CANARY * 100):
        canary.ask("POST", "/v1/buckets", {"name": name, "description": name}, Idempotency_Key=CANARY)
    broken = head("POST", "/v1/auth/login", "Content-Type: application/json", "Content-Length: 20", "Connection: close")
    send(server, broken + CANARY.encode().ljust(20))
    send(server, head(CANARY, f"/{CANARY}", "Connection: close"))
    send(server, head("GET", f"/{CANARY} {CANARY}", f"{CANARY} : {CANARY}"))


def test_a_mistake_of_ours_is_noted_where_it_was_made_and_without_what_was_sent(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    client = make_broken_client(tmp_path_factory.mktemp("broken"), settings)
    sent = {"email": f"{CANARY}@example.com", "password": CANARY * 2, "name": CANARY}

    answer = client.post("/v1/auth/register", json=sent, headers={"Authorization": f"Bearer {CANARY}"})

    logged = capfd.readouterr().err
    assert answer.status_code == 500
    assert CANARY not in logged + answer.text
    line = json.loads(logged.splitlines()[0])
    assert (line["event"], line["level"]) == ("unexpected_error", "error")
    assert line["id"] == answer.get_json()["requestId"]
    assert any("accounts/routes.py" in place for place in line["trace"])


def make_broken_client(folder: Path, settings: Settings) -> FlaskClient:
    """Of an application that was put together without what makes tokens."""
    app = create_app(settings.model_copy(update={"database_url": "", "data_dir": folder}))
    object.__delattr__(services_of(app), "access_tokens")  # they are frozen
    database = services_of(app).database
    client = app.test_client()
    client.application.teardown_appcontext(lambda _: database.pool.close())
    return client

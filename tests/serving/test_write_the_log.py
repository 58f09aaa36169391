"""Access log: one line of JSON a request, and never anything that was sent."""

import json
import re
from typing import Any

import pytest

from tests.concurrency import wait_until
from tests.servers import LiveServer
from tests.serving.wire import Visitor, ask, sign_up

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

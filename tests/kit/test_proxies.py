"""F25: reverse proxy detection: one that nobody told us of leaves a line in the log, and no more than one an hour."""

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.http import proxies
from bucketlist.kit.http.proxies import ProxyHint
from tests.workers import close

FORWARDED = {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}


class Lines:
    """What was logged."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, str]]] = []

    def warning(self, event: str, **about: str) -> None:
        self.events.append((event, about))


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    found = Lines()
    monkeypatch.setattr(proxies, "log", found)
    return found


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    """Of an application that has told nothing yet."""
    app = create_app(settings)
    yield app.test_client()
    close(app)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_f25_an_operator_is_told_of_a_proxy_that_is_not_named(client: FlaskClient, lines: Lines, header: str) -> None:
    for path in ("/healthz", "/v1/buckets", "/v1/auth/login"):
        client.get(path, headers={header: "192.0.2.1"})

    ((event, about),) = lines.events
    assert (event, about["header"]) == ("proxy_is_not_trusted", header)
    assert "TRUSTED_PROXIES" in about["reason"]
    assert "192.0.2.1" not in json.dumps(lines.events)


def test_f25_who_comes_straight_is_no_reason_for_a_hint(client: FlaskClient, lines: Lines) -> None:
    client.get("/healthz")

    assert lines.events == []


def test_f25_a_proxy_that_is_named_is_no_reason_either(settings: Settings, lines: Lines) -> None:
    app = create_app(settings.model_copy(update={"trusted_proxies": 1}))

    app.test_client().get("/healthz", headers={"X-Forwarded-For": "192.0.2.1"})

    close(app)
    assert lines.events == []


def test_f25_the_hint_comes_again_after_an_hour(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    hint, moments = ProxyHint(0), iter([10.0, 3609.0, 3610.0])
    monkeypatch.setattr("bucketlist.kit.http.proxies.monotonic", lambda: next(moments))

    counts = []
    for _ in range(3):
        hint.look(FORWARDED)
        counts.append(len(lines.events))

    assert counts == [1, 1, 2]

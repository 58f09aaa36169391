"""F28: diagnostics of proxies: `bucketlist doctor` asks the service what came with a request; nobody else is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bucketlist.config import Settings
from bucketlist.ops.doctor.reach import judge
from bucketlist.ops.doctor.seen import HEADER, token_of
from tests.servers import SECRET, run_command, start_server


def seen_by(client: FlaskClient, settings: Settings, **headers: str) -> dict[str, Any]:
    response = client.get("/healthz", headers={"Authorization": f"Bearer {token_of(settings)}", **headers})
    found: dict[str, Any] = json.loads(response.headers[HEADER])
    return found


@pytest.mark.parametrize(
    ("header", "trusted", "level", "told"),
    [
        (None, 0, "ok", "TRUSTED_PROXIES is 0; you counted as 127.0.0.1."),
        ("192.0.2.1", 0, "problem", "set TRUSTED_PROXIES=1."),
        ("192.0.2.1, 10.0.0.1", 0, "problem", "set TRUSTED_PROXIES=2."),
        ("192.0.2.1", 1, "ok", "TRUSTED_PROXIES is 1"),
        ("192.0.2.1", 2, "problem", "anybody can choose the address that counts; set TRUSTED_PROXIES=1."),
    ],
)
def test_f28_a_proxy_that_is_not_counted_is_told(
    client: FlaskClient, settings: Settings, header: str | None, trusted: int, level: str, told: str
) -> None:
    seen = seen_by(client, settings, **({"X-Forwarded-For": header} if header else {}))

    finding = judge({**seen, "trusted": trusted})

    assert finding.level == level
    assert told in finding.told


def test_f28_a_proxy_that_speaks_of_itself_in_another_header_is_told(client: FlaskClient, settings: Settings) -> None:
    finding = judge(seen_by(client, settings, Forwarded="for=192.0.2.1"))

    assert (finding.level, finding.about) == ("warning", "proxy")


@pytest.mark.threat(row=49)
@pytest.mark.parametrize("sent", [None, "Bearer ", "Bearer guess", "Bearer \xff", "Basic x", f"Bearer {'0' * 64}"])
def test_f28_nobody_else_is_told_what_was_seen(client: FlaskClient, sent: str | None) -> None:
    response = client.get("/healthz", headers={"Authorization": sent} if sent else {})

    assert (response.status_code, response.json) == (200, {"status": "ok"})
    assert HEADER not in response.headers


@pytest.mark.slow
def test_f28_the_service_that_runs_is_asked_what_it_saw(tmp_path: Path) -> None:
    with start_server(tmp_path, under="/wishes") as server:
        ours = run_command(tmp_path, "doctor", PUBLIC_URL=f"{server.url}/wishes")
        others = run_command(tmp_path, "doctor", PUBLIC_URL=server.url, SECRET_KEY=SECRET[::-1])

    assert f"ok       service: {server.url}/wishes/healthz answers." in ours.stdout
    assert "ok       proxy: X-Forwarded-For came with no addresses, TRUSTED_PROXIES is 0" in ours.stdout
    assert "does not know this SECRET_KEY" in others.stdout

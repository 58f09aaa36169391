"""Metrics: right with several workers, on a port of their own or for a token, and never about a person."""

import os
import re
import signal
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from bucketlist import __version__
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.metrics import RequestHistogram
from bucketlist.ops import prometheus
from bucketlist.services import services_of
from tests import databases
from tests.commands import refusal
from tests.concurrency import together, wait_until
from tests.conftest import on_sqlite
from tests.patience import LONG
from tests.processes import children_of
from tests.servers import LiveServer, free_port, run_command, start_server
from tests.serving.wire import ask, sign_up
from tests.workers import WorkerWith

TOKEN = "a-token-for-prometheus-of-32-characters"

Samples = dict[str, float]


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def measured(settings: Settings, metrics_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with two workers that tells metrics both ways."""
    url = databases.create_database(settings.database_url)
    wanted = {"WORKERS": "2", "DATABASE_URL": url, "METRICS_PORT": str(metrics_port), "METRICS_TOKEN": TOKEN}
    with start_server(tmp_path_factory.mktemp("measured"), **wanted) as server:
        yield server


def read(port: int) -> Samples:
    """What Prometheus would read now."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=LONG) as answer:
        return samples_of(answer.read().decode())


def read_when(port: int, is_shared: Callable[[Samples], bool]) -> Samples:
    """What it would read as soon as the workers have shared what is waited for."""
    found: list[Samples] = [{}]

    def look() -> bool:
        found[0] = read(port)
        return is_shared(found[0])

    wait_until(look, seen=lambda: found[0])
    return found[0]


def samples_of(text: str) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def requests(samples: Samples, **labels: str) -> float:
    told = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return samples.get(f"bucketlist_requests_total{{{told}}}", 0)


ME = {"route": "/v1/users/me", "method": "GET", "status": "200"}


@pytest.mark.slow
def test_requests_to_all_workers_are_counted_once_each(measured: LiveServer, metrics_port: int) -> None:
    somebody = sign_up(measured)
    before = requests(read(metrics_port), **ME)

    together(8, lambda _: [somebody.ask("GET", "/v1/users/me").status for _ in range(25)])

    after = read_when(metrics_port, lambda samples: requests(samples, **ME) >= before + 200)
    assert requests(after, **ME) == before + 200
    assert after["bucketlist_workers"] == 2
    assert after["bucketlist_request_seconds_count{method=GET,route=/v1/users/me}"] == before + 200
    assert after["bucketlist_request_seconds_bucket{le=+Inf,method=GET,route=/v1/users/me}"] == before + 200
    assert 0 < after["bucketlist_request_seconds_sum{method=GET,route=/v1/users/me}"] < 200


@pytest.mark.slow
def test_a_worker_that_dies_takes_no_count_with_it(measured: LiveServer, metrics_port: int) -> None:
    somebody = sign_up(measured)
    before = requests(read(metrics_port), **ME)
    together(4, lambda _: [somebody.ask("GET", "/v1/users/me").status for _ in range(10)])
    read_when(metrics_port, lambda samples: requests(samples, **ME) >= before + 40)
    workers = workers_of(measured)

    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: workers[0] not in workers_of(measured) and len(workers_of(measured)) == len(workers))

    assert requests(read(metrics_port), **ME) == before + 40
    assert ask(measured, "GET", "/healthz").status == 200


def workers_of(server: LiveServer) -> list[int]:
    return [child for child in children_of(server.process.pid) if not is_tracker(child)]


def is_tracker(child: int) -> bool:
    with suppress(OSError):  # it has just ended
        return b"resource_tracker" in Path(f"/proc/{child}/cmdline").read_bytes()
    return True


@pytest.mark.slow
def test_the_gauges_tell_of_the_database_the_hashes_and_the_build(measured: LiveServer, metrics_port: int) -> None:
    def is_at_rest(found: dict[str, float]) -> bool:
        """Both workers have told of themselves, and looked at the settings of their database."""
        in_use = found["bucketlist_database_connections_in_use"]
        return found["bucketlist_database_connections"] >= 16 and in_use == 0

    samples = read_when(metrics_port, is_at_rest)

    assert samples["bucketlist_password_hashes_wanted"] == 0
    assert any(f"version={__version__}" in name for name in samples if name.startswith("bucketlist_build_info"))


@pytest.mark.slow
def test_metrics_tell_nothing_about_a_person(measured: LiveServer, metrics_port: int) -> None:
    somebody = sign_up(measured, "canary@example.com")
    me = somebody.ask("GET", "/v1/users/me").json["id"]
    for path in ("/canary", f"/v1/items/{me}", "/v1/items?q=canary", "/problems/canary"):
        somebody.ask("GET", path)
    ask(measured, "CANARY", "/healthz")

    text = " ".join(read_when(metrics_port, lambda samples: "method=?" in " ".join(samples)))

    assert not re.search(rf"canary|{me}|127\.0\.0\.1", text, re.IGNORECASE)
    assert "status=404" in text


@pytest.mark.slow
def test_the_token_opens_metrics_on_the_main_port_and_nothing_else_does(measured: LiveServer) -> None:
    with_token = ask(measured, "GET", "/metrics", Authorization=f"Bearer {TOKEN}")
    others = [ask(measured, "GET", "/metrics"), sign_up(measured).ask("GET", "/metrics")]

    assert with_token.status == 200
    assert with_token.headers["content-type"].startswith("text/plain")
    assert "bucketlist_workers" in samples_of(with_token.body.decode())
    assert [(answer.status, answer.json["code"]) for answer in others] == [(404, "not_found")] * 2
    assert TOKEN not in measured.log


def test_without_a_setting_nothing_is_counted_and_there_is_no_route(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 404
    assert services_of(client.application).histogram is None


@pytest.mark.parametrize(
    "header", ["", TOKEN, f"Bearer {TOKEN}x", f"bearer {TOKEN[:-1]}", "Bearer \u00e9", f"Basic {TOKEN}"]
)
@on_sqlite
def test_whatever_is_not_the_token_finds_nothing(header: str, app: ApiApp, worker_with: WorkerWith) -> None:
    client = worker_with(metrics_token=TOKEN).test_client()

    refused = client.get("/metrics", headers={"Authorization": header})
    answered = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert (refused.status_code, answered.status_code) == (404, 200)
    assert refused.get_json()["detail"] == client.get("/nowhere").get_json()["detail"]
    assert "bucketlist_requests_total" in answered.text


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"METRICS_PORT": "{port}", "PORT": "{port}"}, "METRICS_PORT is the same as PORT; choose another."),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN: is too short; it takes at least 32 characters."),
        ({"METRICS_TOKEN": "a token that is long, with blanks"}, "METRICS_TOKEN: takes visible ASCII"),
        ({"METRICS_PORT": "65536"}, "METRICS_PORT: "),
    ],
)
def test_settings_that_cannot_be_are_told(more: dict[str, str], sentence: str, tmp_path: Path) -> None:
    port = str(free_port())
    wanted = {"PORT": str(free_port())} | {name: value.format(port=port) for name, value in more.items()}

    assert refusal(tmp_path, "serve", **wanted).startswith(sentence)


def test_an_address_of_another_machine_is_told(tmp_path: Path) -> None:
    port = str(free_port())

    ended = run_command(tmp_path, "serve", PORT=str(free_port()), METRICS_PORT=port, METRICS_HOST="192.0.2.1")

    assert ended.returncode == 1
    assert f"\nError: Cannot listen on 192.0.2.1:{port}: " in f"\n{ended.stderr}"


def test_f28_metrics_find_room_where_there_is_none_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(prometheus, "MEMORY", str(tmp_path / "nowhere"))

    folder = prometheus.make_folder(tmp_path)

    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700


def test_f28_without_any_room_for_metrics_the_start_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(prometheus, "MEMORY", str(tmp_path / "nowhere"))

    with pytest.raises(OSError, match="need a folder that can be written") as refused:
        prometheus.make_folder(tmp_path / "nowhere")

    assert refused.value.filename == "METRICS_PORT and METRICS_TOKEN"


def test_no_count_is_lost_among_threads() -> None:
    histogram = RequestHistogram()

    together(8, lambda number: count_often(histogram, number))

    ((key, row),) = histogram.rows.items()
    assert key == ("/", "GET", "200")
    assert (sum(row[:-1]), row[-1]) == (40_000, 5_000 * sum(range(8)))


def count_often(histogram: RequestHistogram, microseconds: int) -> None:
    for _ in range(5_000):
        histogram.count("/", "GET", "200", microseconds)

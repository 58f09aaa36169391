"""Metrics for Prometheus, those of all workers in one answer.

Each worker counts for itself (`kit/metrics.py`), and a thread of it writes the sums to a file of its own in a folder
that `bucketlist serve` made, once a second. Whoever is asked, the main process on METRICS_PORT or a worker at /metrics,
adds the files up. So a request costs a worker nothing but its count, what a worker counted stays after it died, and no
answer goes back. Under another server each process makes a folder of its own, and tells of itself only.
"""

import errno
import os
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from platform import python_version
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pydantic_core import from_json, to_json

from bucketlist import __version__
from bucketlist.kit.background import PeriodicThread, run_every
from bucketlist.kit.metrics import BOUNDS_MICROSECONDS, PLACES, gauges
from bucketlist.services import Services

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER = "BUCKETLIST_METRICS_FOLDER"  # no setting: the main process tells its workers
MEMORY = "/dev/shm"  # noqa: S108  # in a folder of its own, that only its owner can read
SECONDS_BETWEEN = 1.0
SECONDS_OF_LIFE = 10.0  # a file that is older is that of a dead worker: its counts count, its gauges do not


def start_sharing(services: Services) -> PeriodicThread | None:
    """A thread that shares what this worker counted, or None where nobody reads metrics."""
    if services.histogram is None:
        return None
    return run_every(SECONDS_BETWEEN, lambda: share_metrics(services), "metrics")


def share_metrics(services: Services) -> None:
    """Write what this process has counted to its file, in one piece. Raises: `OSError`."""
    counted = services.histogram.rows if services.histogram else {}
    rows = [[*key, *row] for key, row in list(counted.items())]
    values = {name: [gauge.about, gauge.read()] for name, gauge in gauges.items()}
    path = _folder(services.settings.data_dir) / f"{os.getpid()}.json"
    partial = path.with_suffix(f".{threading.get_ident()}")
    partial.write_bytes(to_json({"requests": rows, "gauges": values}))
    partial.replace(path)


def render_metrics(data_dir: Path) -> bytes:
    """The metrics in Prometheus' text format. Raises: `OSError`."""
    registry = CollectorRegistry()
    registry.register(AllWorkers(_folder(data_dir)))
    return generate_latest(registry)


class AllWorkers(Collector):
    """A Prometheus collector: adds up what the workers have written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        rows: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * (PLACES + 1))
        lively: list[dict[str, Any]] = []
        for path in self._folder.glob("*.json"):
            told = from_json(path.read_bytes())
            for route, method, status, *row in told["requests"]:
                rows[route, method, status] = [a + b for a, b in zip(rows[route, method, status], row, strict=True)]
            if time.time() - path.stat().st_mtime < SECONDS_OF_LIFE:
                lively.append(told["gauges"])
        yield from _of_requests(rows)
        yield from _of_gauges(lively)
        build = GaugeMetricFamily("bucketlist_build_info", "What is running.", labels=("version", "python"))
        build.add_metric((__version__, python_version()), 1)
        yield build


def _of_requests(rows: dict[tuple[str, ...], list[int]]) -> Iterator[Metric]:
    """The count by route, method and status; the time by route and method. No route: there is no such address."""
    requests = CounterMetricFamily("bucketlist_requests", "Requests.", labels=("route", "method", "status"))
    times: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * (PLACES + 1))
    for (route, method, status), row in sorted(rows.items()):
        requests.add_metric((route, method, status), sum(row[:-1]))
        times[route, method] = [a + b for a, b in zip(times[route, method], row, strict=True)]
    yield requests
    seconds = HistogramMetricFamily("bucketlist_request_seconds", "How long they took.", labels=("route", "method"))
    bounds = [*(str(bound / 1_000_000) for bound in BOUNDS_MICROSECONDS), "+Inf"]
    for key, row in times.items():
        sums = [sum(row[: place + 1]) for place in range(PLACES)]
        seconds.add_metric(key, list(zip(bounds, map(float, sums), strict=True)), row[-1] / 1_000_000)
    yield seconds


def _of_gauges(lively: list[dict[str, Any]]) -> Iterator[Metric]:
    yield GaugeMetricFamily("bucketlist_workers", "Worker processes that are alive.", value=len(lively))
    for name in sorted({name for values in lively for name in values}):
        found = [values[name] for values in lively if name in values]
        yield GaugeMetricFamily(f"bucketlist_{name}", found[0][0], value=sum(value for _, value in found))


def make_folder(data_dir: Path) -> Path:
    """A new folder for counts, where there can be one: a machine may have no room for temporary files.

    Raises: `OSError` with a sentence when none can be written.
    """
    for place in (None, MEMORY, data_dir):
        with suppress(OSError):
            return Path(tempfile.mkdtemp(prefix="bucketlist-metrics-", dir=place))
    reason = f"need a folder that can be written, and neither that for temporary files nor {MEMORY} nor DATA_DIR can be"
    raise OSError(errno.EROFS, reason, "METRICS_PORT and METRICS_TOKEN")


@cache
def _folder(data_dir: Path) -> Path:
    """Where the counts of all workers are; of this process alone when no main process has made a place for all."""
    given = os.environ.get(FOLDER)
    return Path(given) if given else make_folder(data_dir)

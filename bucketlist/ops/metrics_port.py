"""Metrics on a port of their own, which the main process of `bucketlist serve` listens on for all workers."""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from bucketlist.config import Settings
from bucketlist.ops.metrics import FOLDER, AllWorkers
from bucketlist.ops.metrics_server import MetricsServer
from bucketlist.ops.server import find_address


@contextmanager
def serve_metrics(settings: Settings) -> Iterator[None]:
    """While the workers are at work: the folder for their counts and, when it is set, METRICS_PORT.

    Raises: `CannotListen`.
    """
    if not settings.is_measured:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="bucketlist-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        if settings.metrics_port:
            _listen(settings, Path(folder))
        yield


def _listen(settings: Settings, folder: Path) -> None:
    host, port = settings.metrics_host, settings.metrics_port
    address = find_address(host, port, "METRICS_HOST or METRICS_PORT")
    registry = CollectorRegistry()
    registry.register(AllWorkers(folder))
    metrics = MetricsServer(address, port, registry)
    threading.Thread(target=metrics.serve_forever, name="metrics", daemon=True).start()

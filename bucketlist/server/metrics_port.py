"""Metrics port, which the main process of `bucketlist serve` listens on for all workers."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from bucketlist.config import Settings
from bucketlist.ops.prometheus import FOLDER, AllWorkers, make_folder
from bucketlist.server.granian import find_address
from bucketlist.server.metrics_server import MetricsServer


@contextmanager
def serve_metrics(settings: Settings) -> Iterator[None]:
    """While the workers are at work: the folder for their counts and, when it is set, METRICS_PORT.

    Raises: `CannotListen`, `OSError`.
    """
    if not settings.is_measured:
        yield
        return
    folder = make_folder(settings.data_dir)
    try:
        os.environ[FOLDER] = str(folder)
        if settings.metrics_port:
            _listen(settings, folder)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _listen(settings: Settings, folder: Path) -> None:
    host, port = settings.metrics_host, settings.metrics_port
    address = find_address(host, port, "METRICS_HOST or METRICS_PORT")
    registry = CollectorRegistry()
    registry.register(AllWorkers(folder))
    metrics = MetricsServer(address, port, registry)
    threading.Thread(target=metrics.serve_forever, name="metrics", daemon=True).start()

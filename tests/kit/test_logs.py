"""Structured logging: which events get into the log, and when."""

import json
import subprocess
import sys

import pytest

from tests.patience import LONG

SCRIPT = """
import os, structlog
from bucketlist.kit.logs import configure_logs
configure_logs({options})
log = structlog.get_logger()
log.debug("detail"); log.info("news"); log.warning("trouble"); log.error("mistake")
os._exit(0)  # like a process that is killed
"""


@pytest.mark.parametrize(
    ("options", "events"),
    [
        ("", ["trouble", "mistake"]),
        ("is_debug=False", ["trouble", "mistake"]),
        ("is_debug=True", ["detail", "news", "trouble", "mistake"]),
    ],
)
def test_what_matters_is_written_at_once(options: str, events: list[str]) -> None:
    script = [sys.executable, "-c", SCRIPT.format(options=options)]

    found = subprocess.run(script, capture_output=True, text=True, check=True, timeout=LONG)

    assert [json.loads(line)["event"] for line in found.stderr.splitlines()] == events

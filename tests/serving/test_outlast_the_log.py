"""R5: logging to what is full, gone or asleep: people are answered, and the server stops as ever."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.patience import LONG
from tests.servers import LiveServer, environment, free_port, wait_until_ready
from tests.serving.wire import ask_on, sign_up

pytestmark = pytest.mark.slow

LOGS = ["a pipe that nobody reads", "a pipe whose reader is gone", "a full disk"]


@contextmanager
def opened(log: str) -> Iterator[int]:
    """A file descriptor that leads there."""
    if log == "a full disk":
        reader, writer = os.open(os.devnull, os.O_RDONLY), os.open("/dev/full", os.O_WRONLY)
    else:
        reader, writer = os.pipe()
    if log == "a pipe whose reader is gone":
        os.close(reader)
        reader = os.open(os.devnull, os.O_RDONLY)
    yield writer
    os.close(reader)
    os.close(writer)


@pytest.mark.threat(row=57)
@pytest.mark.parametrize("log", LOGS)
def test_r5_people_are_answered_whatever_becomes_of_the_log(log: str, tmp_path: Path) -> None:
    runner.upgrade(Settings(data_dir=tmp_path / "data"))
    port = free_port()
    with opened(log) as writer:
        command = [sys.executable, "-m", "bucketlist", "serve"]
        wanted = environment(tmp_path, PORT=str(port))
        process = subprocess.Popen(command, cwd=tmp_path, env=wanted, stdout=writer, stderr=writer)
        server = LiveServer(f"http://127.0.0.1:{port}", port, tmp_path, process)
        try:
            wait_until_ready(server)
            with closing(HTTPConnection("127.0.0.1", port, timeout=LONG)) as line:
                found = {ask_on(line, "GET", "/nowhere").status for _ in range(3000)}
            made = sign_up(server).ask("POST", "/v1/buckets", {"name": "Far away"}).status
        finally:
            process.terminate()

        assert (found, made) == ({404}, 201)
        assert process.wait(timeout=LONG) == 0


@pytest.mark.parametrize(
    ("shell", "code"), [("| head -1 >/dev/null; exit ${PIPESTATUS[0]}", {0, 1}), (">/dev/full", {1})]
)
def test_r5_a_command_whose_output_nobody_takes_ends_without_a_traceback(
    shell: str, code: set[int], tmp_path: Path
) -> None:
    command = ["bash", "-c", f"{sys.executable} -m bucketlist openapi {shell}"]

    done = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False)

    assert done.returncode in code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_r5_nothing_takes_the_place_of_a_closed_standard_stream(tmp_path: Path) -> None:
    """A connection or file with the number 2 would have the log written into it."""
    show = "import os; from bucketlist.cli import main; main(['openapi'], standalone_mode=False)"
    command = ["bash", "-c", f'{sys.executable} -c "{show}; exit(os.pipe()[0] <= 2)" <&- >&- 2>&-']

    done = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), check=False)

    assert done.returncode == 0

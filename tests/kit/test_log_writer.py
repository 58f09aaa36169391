"""R5: the log writer never fails, never waits and tears no line; what is dropped is counted, and told when possible."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bucketlist.kit import log_writer
from bucketlist.kit.log_writer import MAX_LINE_BYTES, MAX_WAITING_BYTES, LogStream, LogWriter
from tests.concurrency import together, wait_until
from tests.patience import LONG

LINE = b'{"event":"request","number":"%06d"}\n'
MANY = 20_000  # lines: more than a pipe and the queue take


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        os.close(end)


def read_all(reader: int) -> list[bytes]:
    """What is in the pipe now, line by line."""
    os.set_blocking(reader, False)
    found = b""
    try:
        while part := os.read(reader, 1_000_000):
            found += part
    except BlockingIOError:
        pass
    return found.splitlines(keepends=True)


def read_more(reader: int, found: list[bytes]) -> list[bytes]:
    found += read_all(reader)
    return found or [b""]


@contextmanager
def protected(descriptor: int) -> Iterator[LogWriter]:
    """Finished before the descriptor is closed: its number is somebody else's then."""
    writer = LogWriter(descriptor)
    writer.protect()
    yield writer
    writer.finish()


def test_r5_a_pipe_that_nobody_reads_holds_nobody_up_and_what_is_dropped_is_told(pipe: tuple[int, int]) -> None:
    found: list[bytes] = []

    with protected(pipe[1]) as writer:
        for number in range(MANY):
            writer.write(LINE % number)
        wait_until(lambda: b"dropped" in read_more(pipe[0], found)[-1])

    *lines, told = found
    assert lines == [LINE % number for number in range(len(lines))]
    assert json.loads(told)["lines"] == writer.dropped == MANY - len(lines) > 0


def test_r5_lines_are_written_at_once_again_when_the_reader_is_awake(pipe: tuple[int, int]) -> None:
    found: list[bytes] = []
    with protected(pipe[1]) as writer:
        for number in range(3000):
            writer.write(LINE % number)
        wait_until(lambda: len(read_more(pipe[0], found)) >= 3000)

        writer.write(b"at once\n")

    assert read_all(pipe[0]) == [b"at once\n"]
    assert (found, writer.dropped) == ([LINE % number for number in range(3000)], 0)


def drop_much(writer: LogWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_writer, "SECONDS_AT_THE_END", 0)
    for number in range(MANY):
        writer.write(LINE % number)
    assert writer.dropped > 0


def test_r5_a_pipe_whose_reader_is_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writing = os.pipe()
    os.close(reader)

    with os.fdopen(writing, "wb"), protected(writing) as writer:
        drop_much(writer, monkeypatch)


@pytest.mark.threat(row=57)
def test_r5_a_full_disk_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, protected(full.fileno()) as writer:
        drop_much(writer, monkeypatch)


def test_r5_a_closed_file_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = os.open(os.devnull, os.O_WRONLY)
    with protected(descriptor) as writer:
        os.close(descriptor)
        drop_much(writer, monkeypatch)


def test_r5_a_socket_that_nobody_reads_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, protected(ours.fileno()) as writer:
        drop_much(writer, monkeypatch)

        assert theirs.recv(len(LINE % 0)) == LINE % 0


def test_r5_a_line_that_was_begun_is_finished_first(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    writer = LogWriter(pipe[1])
    takes = iter([3, 0, 4])

    def write(data: bytes) -> int:
        return os.write(pipe[1], data[: next(takes, len(data))])

    monkeypatch.setattr(writer, "_write", write)
    for line in (b"first\n", b"second\n", b"third\n"):
        writer.write(line)
    writer.finish()

    assert b"".join(read_all(pipe[0])) == b"first\nsecond\nthird\n"


def test_r5_lines_of_many_threads_are_whole(pipe: tuple[int, int]) -> None:
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 1024 * 1024)
    with protected(pipe[1]) as writer:

        def write_much(who: int) -> None:
            for _ in range(100):
                writer.write(b"%d" % who * 500 + b"\n")

        together(8, write_much)

    found = read_all(pipe[0])
    assert {len(line) for line in found} == {501}
    assert {len(set(line)) for line in found} == {2}
    assert len(found) + writer.dropped == 800


def test_r5_others_who_share_the_pipe_still_wait_for_its_reader(pipe: tuple[int, int]) -> None:
    with protected(pipe[1]):
        assert os.get_blocking(pipe[1])


@pytest.mark.parametrize("text", ["x" * 100_000, "é" * 3000, "\ud800"])
def test_r5_a_line_is_as_long_as_a_pipe_takes_as_a_whole(pipe: tuple[int, int], text: str) -> None:
    with protected(pipe[1]) as writer:
        stream = LogStream(writer)

        print(text, "and more", file=stream)
        print("next", file=stream)

    first, second = read_all(pipe[0])
    assert len(first) <= MAX_LINE_BYTES
    assert second == b"next\n"


@pytest.mark.threat(row=57)
def test_r5_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_writer, "SECONDS_AT_THE_END", 0)
    with Path("/dev/full").open("wb", buffering=0) as full, protected(full.fileno()) as writer:
        for _ in range(100_000):
            writer.write(b"\n" * 100)

        assert 0 < writer._waiting_bytes <= MAX_WAITING_BYTES
    assert writer._waiting_bytes == 0


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

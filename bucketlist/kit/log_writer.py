"""Non-blocking log writer: a line is written whole or dropped and counted, and never holds up or breaks a request.

What the log leads to can fail: a full disk, a pipe whose reader is gone, a pipe that nobody reads. A line that cannot
be written at once waits in a bounded queue; a thread tries again, and once the log works, it tells what was dropped.
Lines of several processes do not mix: each is one write, of no more bytes than a pipe takes as a whole.

Source: pipe(7) on PIPE_BUF and O_NONBLOCK, send(2) on MSG_DONTWAIT.
"""

import contextlib
import os
import socket
import stat
import threading
import time
from collections import deque
from collections.abc import Callable
from io import TextIOBase

from bucketlist.kit.clock import now_text

MAX_LINE_BYTES = 4096  # Linux' PIPE_BUF
MAX_WAITING_BYTES = 256 * 1024
SECONDS_BETWEEN_TRIES = 0.5
SECONDS_AT_THE_END = 1.0

Write = Callable[[bytes], int]


class LogWriter:
    """Lines to one file descriptor. Until `protect` is called, whoever writes to a full pipe waits for its reader."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._write: Write = lambda data: os.write(descriptor, data)
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """What a parent process could not write is no business of its child."""
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._untold = 0
        self.dropped = 0  # lines, since the process began

    def protect(self) -> None:
        """Become non-blocking: from now on, wait for no reader."""
        with contextlib.suppress(OSError):  # it is closed: then each line is dropped
            self._write = _without_waiting(self._descriptor) or self._write

    def write(self, line: bytes) -> None:
        """`line` ends with a line break; a longer one than `MAX_LINE_BYTES` is cut."""
        if len(line) > MAX_LINE_BYTES:
            line = line[: MAX_LINE_BYTES - 1] + b"\n"
        written = 0
        if not self._waiting_bytes:
            try:  # noqa: SIM105  # suppress() would cost as much as the write
                written = self._write(line)
            except OSError:
                pass
        if written < len(line):
            self._keep(line[written:], is_begun=written > 0)

    def flush(self) -> None:
        """There is no buffer to flush: nothing is held back."""

    def finish(self) -> None:
        """At the end of the process: what waits is tried for a second more, and then given up."""
        deadline = time.monotonic() + SECONDS_AT_THE_END
        while self._waiting_bytes and time.monotonic() < deadline:
            with self._lock:
                self._try_again()
            time.sleep(SECONDS_AT_THE_END / 20)
        with self._lock:  # nobody writes to this descriptor after its owner has closed it
            self._waiting.clear()
            self._waiting_bytes = 0

    def _keep(self, line: bytes, *, is_begun: bool) -> None:
        """In the queue, where there is room. The rest of a line that has begun comes first, to make it whole."""
        with self._lock:
            if not is_begun and self._waiting_bytes + len(line) > MAX_WAITING_BYTES:
                self.dropped += 1
                self._untold += 1
                return
            if is_begun:
                self._waiting.appendleft(line)
            else:
                self._waiting.append(line)
            self._waiting_bytes += len(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_trying, name="log", daemon=True)
                self._thread.start()

    def _keep_trying(self) -> None:
        while True:
            time.sleep(SECONDS_BETWEEN_TRIES)
            with self._lock:
                if self._try_again():
                    self._thread = None
                    return

    def _try_again(self) -> bool:
        """Has everything been written? Only `_waiting_bytes` of 0 lets new lines pass by the queue."""
        while self._waiting:
            written = 0
            with contextlib.suppress(OSError):
                written = self._write(self._waiting[0])
            self._waiting_bytes -= written
            rest = self._waiting.popleft()[written:]
            if rest:
                self._waiting.appendleft(rest)
                return False
            if not self._waiting and self._untold:
                self._tell_dropped()
        return True

    def _tell_dropped(self) -> None:
        line = f'{{"time":"{now_text()}","level":"warning","event":"log_lines_dropped","lines":{self._untold}}}\n'
        self._untold = 0
        self._waiting.append(line.encode())
        self._waiting_bytes += len(line)


class LogStream(TextIOBase):
    """A text file, as `sys.stderr` is one, of a `LogWriter`; what has no line break yet waits for it."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        *lines, begun = (self._begun + text).split("\n")
        self._begun = begun[:MAX_LINE_BYTES]
        for line in lines:
            self._writer.write(f"{line}\n".encode(errors="backslashreplace"))
        return len(text)


def _without_waiting(descriptor: int) -> Write | None:
    """A way to write that never waits, or None where nothing has to be waited for, as with a file.

    A pipe is opened once more: what is set on the opening that was handed over holds for all who share it. That is done
    only where it belongs to somebody else, and cannot be opened.
    """
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISSOCK(mode):
        shared = socket.socket(fileno=os.dup(descriptor))
        return lambda data: shared.send(data, socket.MSG_DONTWAIT)
    if not stat.S_ISFIFO(mode) and not os.isatty(descriptor):
        return None
    try:
        own = os.open(f"/dev/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        own = descriptor
        os.set_blocking(descriptor, False)
    return lambda data: os.write(own, data)


stdout, stderr = LogWriter(1), LogWriter(2)

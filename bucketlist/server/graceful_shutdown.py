"""Graceful shutdown: how a worker drains its connections and stops, so that behind a proxy nobody notices.

granian drops its listener and every idle connection at one stroke. A request that is under way on one of them just then
is lost, and a proxy may not send a POST a second time. So when the socket was handed over, and others keep it open, a
worker stops in three steps:

1. For `CLOSE_SECONDS` each answer says `Connection: close`, until no proxy holds a connection from before.
2. It takes no new connections, which wait for its successor; `SETTLE_SECONDS` later the last one has sent its request.
3. granian finishes what has begun.

Without a socket that was handed over, the third step is all: nobody else would answer.
"""

import os
import signal
import socket
import threading
import time

from bucketlist.kit.http.middleware import RequestMiddleware
from bucketlist.kit.stop_signals import STOP_SIGNALS

HANDED_OVER = 3  # the file descriptor at which systemd's protocol puts the first socket
CLOSE_SECONDS = 2.5  # a proxy in front should keep an idle connection for less
SETTLE_SECONDS = 0.5


def block_signals() -> None:
    """Block SIGTERM and SIGINT in all threads, so that one can wait for it; call it before there are others.

    The kernel may hand a signal to any thread, and Python's handlers run in the main thread, which in a worker sleeps
    on a lock: one stop in three went unheard for 30 seconds under load.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def install(middleware: RequestMiddleware, *, is_handed_over: bool) -> None:
    """Install the graceful shutdown: a thread waits for the signals that are blocked, and then stops this worker."""
    before = signal.getsignal(signal.SIGTERM)

    def wait() -> None:
        how = signal.sigwait(STOP_SIGNALS)
        if is_handed_over:
            drain(middleware)
        while (stop := signal.getsignal(how)) is before:  # granian is not ready yet
            time.sleep(0.02)
        if callable(stop):
            stop(how, None)

    threading.Thread(target=wait, name="graceful-shutdown", daemon=True).start()


def drain(middleware: RequestMiddleware) -> None:
    """Drain connections: those that this worker has come to their end, and it takes no more."""
    middleware.is_closing = True
    time.sleep(CLOSE_SECONDS)
    stop_listening(HANDED_OVER)
    time.sleep(SETTLE_SECONDS)


def stop_listening(listener: int) -> None:
    """Put a socket to which nobody connects in the place of a listener that stays open elsewhere."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as deaf:
        deaf.setblocking(False)
        os.dup2(deaf.fileno(), listener)

"""Background threads for periodic work, such as pruning: round after round, until it is stopped or the process ends.

What breaks one round ends no other: it is told in the log, once a minute for each kind, as `<name>_failed`.
"""

import threading
from collections.abc import Callable

import structlog

from bucketlist.kit.errors import Unavailable
from bucketlist.kit.seldom import Seldom

TOLD_EVERY_SECONDS = 60.0

log = structlog.get_logger()


def run_every(
    seconds: float,
    work: Callable[[], object],
    name: str,
    *,
    first_after: float = 0.0,
    wake: threading.Event | None = None,
) -> "PeriodicThread":
    """A thread that does `work` again `seconds` after each round has ended, and the first time `first_after` seconds.

    Whoever sets `wake` has the next round begin at once.
    """
    thread = PeriodicThread(seconds, work, name, first_after, wake or threading.Event())
    thread.start()
    return thread


class PeriodicThread(threading.Thread):
    """What `run_every` starts. It is a daemon: at the end of the process nobody waits for it."""

    def __init__(
        self, seconds: float, work: Callable[[], object], name: str, first_after: float, wake: threading.Event
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds, self._work, self._first_after, self._wake = seconds, work, first_after, wake
        self._is_over = False
        self._seldom = Seldom(TOLD_EVERY_SECONDS)

    def stop(self) -> None:
        """Return when the round under way is over, unless that is what calls, and begin no other."""
        self._is_over = True
        self._wake.set()
        if threading.current_thread() is not self:
            self.join()

    def run(self) -> None:
        if self._first_after:
            self._pause(self._first_after)
        while not self._is_over:
            try:
                self._work()
            except Exception as error:  # noqa: BLE001  # whatever it is, the next round comes
                self._tell(error)
            self._pause(self._seconds)

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()  # whoever stops it says so first

    def _tell(self, error: Exception) -> None:
        """In a line where the reason is outside of us, else with the place in the code."""
        untold = self._seldom.untold(type(error).__name__)
        if untold is None:
            return
        event = f"{self.name}_failed"
        if isinstance(error, Unavailable):
            log.warning(event, reason="database unavailable", untold=untold)
        elif isinstance(error, OSError):
            log.warning(event, reason=error.strerror or type(error).__name__, untold=untold)
        else:
            log.error(event, exc_info=error, untold=untold)

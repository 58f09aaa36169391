"""Circuit breaker for database servers that are silent: one thread asks them in everybody's place until they answer.

A host that hangs would cost whoever connects the whole time limit, also once another one has been promoted.
"""

from threading import Event

from bucketlist.kit.db.postgres_hosts import Host

VERDICT_SECONDS = 0.25


class SilentHosts:
    """A circuit breaker for each host: open from when it gave no answer in time until it gives one."""

    def __init__(self) -> None:
        self.wake = Event()  # set where one is to be asked without delay
        self._asked: dict[Host, Event] = {}  # each of them, and has it been asked since it is in doubt?

    def __contains__(self, host: Host) -> bool:
        return host in self._asked

    def doubt(self, host: Host) -> None:
        """One connection to it hangs: have it asked whether all do."""
        self._asked.setdefault(host, Event())
        self.wake.set()

    def judge(self, host: Host, *, answers: bool) -> None:
        """What came of asking it."""
        asked = self._asked.pop(host, None) if answers else self._asked.setdefault(host, Event())
        if asked:
            asked.set()

    def wait_for_verdict(self, host: Host) -> bool:
        """Is it silent? Whoever comes while a host that is in doubt is being asked waits a moment for what it says."""
        asked = self._asked.get(host)
        if asked is None:
            return False
        asked.wait(VERDICT_SECONDS)
        return host in self._asked

    def was_asked(self, host: Host) -> bool:
        """Is it silent, and not only in doubt?"""
        asked = self._asked.get(host)
        return asked is not None and asked.is_set()

"""Failover of PostgreSQL with fencing: of several servers, a connection to the primary that was promoted last.

Each promotion of a standby begins a timeline with a higher number, which serves as a fencing token. An old primary that
wakes up still says that it takes writes, as nobody has told it; its lower number gives it away. What is remembered is
the process's own, so that one that has just started asks every server, and others look around every `WATCH_SECONDS`.
Who looks around also asks the servers that are silent (`kit/db/silent_hosts.py`), so that no request waits for them.

Source: https://www.postgresql.org/docs/current/continuous-archiving.html section 25.3.6 (timelines)
"""

import random
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import psycopg
import structlog
from psycopg.errors import ConnectionTimeout

from bucketlist.kit.background import PeriodicThread, run_every
from bucketlist.kit.db.address import connect, read_parameters
from bucketlist.kit.db.postgres_hosts import Host, split_hosts
from bucketlist.kit.db.server_state import ask_timeline, in_short
from bucketlist.kit.db.silent_hosts import SilentHosts
from bucketlist.kit.seldom import Seldom

WATCH_SECONDS = 2.0
TOLD_EVERY_SECONDS = 60.0

log = structlog.get_logger()


class OldPrimary(psycopg.OperationalError):
    """A server that takes writes, and over which another has been promoted."""


@dataclass(slots=True)
class Cluster:
    """A primary and its standbys, known by their system identifier: the newest timeline that was seen there."""

    newest: int = 0


class Primary(NamedTuple):
    """A connection, and the timeline of its server; 0 where the server does not tell. Is it a coordinator of Citus?"""

    connection: psycopg.Connection
    host: Host
    cluster: Cluster
    timeline: int
    has_citus: bool = False

    @property
    def is_old(self) -> bool:
        return self.timeline < self.cluster.newest


class Servers:
    """The servers that a connection URL names, and what is known of their timelines."""

    def __init__(self, url: str, *, may_prepare: bool = True, name: str = "") -> None:
        """`name` is what PostgreSQL lists connections under."""
        self._url = url
        self._may_prepare = may_prepare
        self._name = name
        self._clusters: dict[str, Cluster] = {}
        self._has_asked_all = False
        self._changing = Lock()
        self.has_citus = False  # as far as is known: before the first connection it is not
        self.silent = SilentHosts()
        self._chosen: Host | None = None  # who was found to be the primary last, and is asked first
        self._watch: PeriodicThread | None = None
        self._seldom = Seldom(TOLD_EVERY_SECONDS)

    def connect(self) -> Primary:
        """A connection to the primary. Raises: `psycopg.Error`, of several servers with what each of them says."""
        hosts, asks_all = self._in_order(), not self._has_asked_all
        if len(hosts) == 1:
            return self._reach(hosts[0])
        found: Primary | None = None
        refusals = []
        for host in hosts:
            try:
                other = self._reach_unless_silent(host)
            except psycopg.Error as error:
                refusals.append(f"{host}: {in_short(error)}")
                continue
            if found and not found.is_old:
                other.connection.close()
                continue
            if found:
                found.connection.close()
            found, self._chosen = other, host
            if not asks_all:
                break
        if found is None:
            raise psycopg.OperationalError(f"no server takes writes: {'; '.join(refusals)}")
        self._has_asked_all = True
        return found

    def watch(self) -> PeriodicThread | None:
        """With several servers, look around for one that was promoted, and for those that were silent."""
        if len(self._hosts()) > 1:
            self._watch = run_every(WATCH_SECONDS, self._look, "failover_watch", wake=self.silent.wake)
        return self._watch

    def _look(self) -> None:
        """Ask every server but the one in use, so that a promotion is known before the old primary is asked again."""
        hosts = sorted(self._hosts(), key=self.silent.was_asked)
        for host in hosts:
            if host != self._chosen or host in self.silent:
                with suppress(psycopg.Error), closing(self._reach(host).connection):
                    pass
        self._has_asked_all = bool(self._clusters)
        if any(host in self.silent for host in hosts):
            self.silent.wake.set()  # without a pause: its time limit is one, and it is missed from when it answers

    def _hosts(self) -> list[Host]:
        return split_hosts(read_parameters(self._url))

    def _in_order(self) -> list[Host]:
        parameters = read_parameters(self._url)
        hosts = split_hosts(parameters)
        if parameters.get("load_balance_hosts") == "random":
            hosts = random.sample(hosts, len(hosts))
        else:
            hosts.sort(key=lambda host: host != self._chosen)
        return sorted(hosts, key=self.silent.__contains__)

    def _reach_unless_silent(self, host: Host) -> Primary:
        """Raises: as `_reach`, at once for a silent host that the watch asks in our place."""
        if self._watch and self._watch.is_alive() and self.silent.wait_for_verdict(host):
            raise psycopg.OperationalError("silent")
        return self._reach(host)

    def _reach(self, host: Host) -> Primary:
        """Raises: `psycopg.Error`, `OldPrimary`."""
        try:
            found = self._open(host)
        except psycopg.Error as error:
            self.silent.judge(host, answers=not isinstance(error, ConnectionTimeout))
            raise
        self.silent.judge(host, answers=True)
        return found

    def _open(self, host: Host) -> Primary:
        has_citus = self.has_citus  # others may find it out meanwhile
        connection = connect(self._url, may_prepare=self._may_prepare, has_citus=has_citus, name=self._name, host=host)
        try:
            found = self._recognise(connection, host)
        except BaseException:
            connection.close()
            raise
        if found.has_citus == has_citus:
            return found
        connection.close()  # its options are those of another kind of server
        self.has_citus = found.has_citus
        return self._open(host)

    def _recognise(self, connection: psycopg.Connection, host: Host) -> Primary:
        name, timeline, has_citus = ask_timeline(connection)
        with self._changing:
            cluster = self._clusters.setdefault(name, Cluster())
            if timeline > cluster.newest:
                if cluster.newest:
                    log.warning("database_failed_over", host=str(host), timeline=timeline)
                cluster.newest, self._chosen = timeline, host
        found = Primary(connection, host, cluster, timeline, has_citus)
        if found.is_old:
            if (untold := self._seldom.untold(str(host))) is not None:
                told = {"host": str(host), "timeline": timeline, "newest": cluster.newest, "untold": untold}
                log.error("old_primary_takes_writes", **told)
            raise OldPrimary(f"an old primary, on timeline {timeline}, where {cluster.newest} has begun")
        return found

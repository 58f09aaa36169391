"""Failover of PostgreSQL with fencing: of several servers, a connection to the primary that was promoted last.

Each promotion of a standby begins a timeline with a higher number, which serves as a fencing token. An old primary that
wakes up still says that it takes writes, as nobody has told it; its lower number gives it away. What is remembered is
the process's own, so that one that has just started asks every server, and others look around every `WATCH_SECONDS`.

Source: https://www.postgresql.org/docs/current/continuous-archiving.html section 25.3.6 (timelines)
"""

import random
import select
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import psycopg
import structlog
from psycopg import pq
from psycopg.pq.abc import PGresult

from bucketlist.kit.db.address import CONNECT_SECONDS, connect, read_parameters
from bucketlist.kit.db.postgres_hosts import Host, split_hosts
from bucketlist.kit.seldom import Seldom

WATCH_SECONDS = 2.0
TOLD_EVERY_SECONDS = 60.0
# The control file names the timeline of the last checkpoint, which after a promotion is the old one for a while.
TIMELINE = b"""SELECT system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
FROM pg_control_system() WHERE NOT pg_is_in_recovery()"""
STATE = b"SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names')"

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
        self._changing = Lock()
        self.has_citus = False  # as far as is known: before the first connection it is not
        self._chosen: Host | None = None  # who was found to be the primary last, and is asked first
        self._seldom = Seldom(TOLD_EVERY_SECONDS)

    def connect(self) -> Primary:
        """A connection to the primary. Raises: `psycopg.Error`, of several servers with what each of them says."""
        hosts, asks_all = self._in_order(), not self._clusters
        if len(hosts) == 1:
            return self._reach(hosts[0])
        found: Primary | None = None
        refusals = []
        for host in hosts:
            try:
                other = self._reach(host)
            except psycopg.Error as error:
                refusals.append(f"{host}: {_in_short(error)}")
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
        return found

    def look(self) -> None:
        """Ask every server but the one in use, so that a promotion is known before the old primary is asked again."""
        for host in self._hosts():
            if host != self._chosen:
                with suppress(psycopg.Error), closing(self._reach(host).connection):
                    pass

    @property
    def are_several(self) -> bool:
        return len(self._hosts()) > 1

    def _hosts(self) -> list[Host]:
        return split_hosts(read_parameters(self._url))

    def _in_order(self) -> list[Host]:
        parameters = read_parameters(self._url)
        hosts = split_hosts(parameters)
        if parameters.get("load_balance_hosts") == "random":
            return random.sample(hosts, len(hosts))
        return sorted(hosts, key=lambda host: host != self._chosen)

    def _reach(self, host: Host) -> Primary:
        """Raises: `psycopg.Error`, `OldPrimary`."""
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
        return self._reach(host)

    def _recognise(self, connection: psycopg.Connection, host: Host) -> Primary:
        name, timeline, has_citus = _ask_timeline(connection)
        with self._changing:
            cluster = self._clusters.setdefault(name, Cluster())
            if timeline > cluster.newest:
                if cluster.newest:
                    log.warning("database_failed_over", host=str(host), timeline=timeline)
                cluster.newest, self._chosen = timeline, host
        found = Primary(connection, cluster, timeline, has_citus)
        if found.is_old:
            if (untold := self._seldom.untold(str(host))) is not None:
                told = {"host": str(host), "timeline": timeline, "newest": cluster.newest, "untold": untold}
                log.error("old_primary_takes_writes", **told)
            raise OldPrimary(f"an old primary, on timeline {timeline}, where {cluster.newest} has begun")
        return found


class Seen(NamedTuple):
    """What one server says of itself, or why it says nothing."""

    host: Host
    is_standby: bool = False
    timeline: int = 0  # of one that takes writes
    waits_for: str = ""  # the standbys without which it acknowledges nothing, synchronous_standby_names
    cluster: str = ""
    silence: str = ""


def survey(url: str, *, may_prepare: bool = True) -> list[Seen]:
    """Every server of `url`, whatever it is."""
    return [_see(url, host, may_prepare=may_prepare) for host in split_hosts(read_parameters(url))]


def _see(url: str, host: Host, *, may_prepare: bool) -> Seen:
    try:
        with closing(connect(url, may_prepare=may_prepare, host=host, attributes="any")) as connection:
            row = _ask(connection, STATE)
            cluster, timeline, _ = _ask_timeline(connection)
    except psycopg.Error as error:
        return Seen(host, silence=_in_short(error))
    is_standby, waits_for = row or ("f", "")
    return Seen(host, is_standby == "t", timeline, waits_for, cluster)


def _ask_timeline(connection: psycopg.Connection) -> tuple[str, int, bool]:
    """The system identifier of the cluster, the timeline, and is it Citus; nothing, 0 and no where nobody says so."""
    row = _ask(connection, TIMELINE)
    return (row[0], int(row[1], 16), row[2] == "t") if row else ("", 0, False)


def _ask(connection: psycopg.Connection, sql: bytes) -> list[str] | None:
    """The first row, or None if the server gives none. Raises: `psycopg.Error`, also after `CONNECT_SECONDS`."""
    raw = connection.pgconn
    raw.send_query(sql)
    incoming = select.poll()
    incoming.register(raw.socket, select.POLLIN)
    deadline = time.monotonic() + CONNECT_SECONDS
    first: PGresult | None = None
    while True:
        while raw.is_busy():
            if not incoming.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise psycopg.OperationalError(f"no answer for {CONNECT_SECONDS} seconds")
            raw.consume_input()
        result = raw.get_result()
        if result is None:
            break
        first = first or result
    if first is None or first.status != pq.ExecStatus.TUPLES_OK or not first.ntuples:
        return None
    return [(first.get_value(0, column) or b"").decode() for column in range(first.nfields)]


def _in_short(error: psycopg.Error) -> str:
    """Without where it was, which is told beside it."""
    return str(error).strip().partition("\n")[0].rpartition("failed: ")[2]

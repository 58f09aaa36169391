"""Replication state of a PostgreSQL server, in its own words: primary or standby, timeline, whom a commit waits for.

Source: https://www.postgresql.org/docs/current/continuous-archiving.html section 25.3.6 (timelines)
"""

import select
import time
from contextlib import closing
from typing import NamedTuple

import psycopg
from psycopg import pq
from psycopg.errors import ConnectionTimeout
from psycopg.pq.abc import PGresult

from bucketlist.kit.db.address import CONNECT_SECONDS, connect, read_parameters
from bucketlist.kit.db.postgres_hosts import Host, split_hosts

# The control file names the timeline of the last checkpoint, which after a promotion is the old one for a while.
TIMELINE = b"""SELECT system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
FROM pg_control_system() WHERE NOT pg_is_in_recovery()"""
STATE = b"SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names')"


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
            cluster, timeline, _ = ask_timeline(connection)
    except psycopg.Error as error:
        return Seen(host, silence=in_short(error))
    is_standby, waits_for = row or ("f", "")
    return Seen(host, is_standby == "t", timeline, waits_for, cluster)


def ask_timeline(connection: psycopg.Connection) -> tuple[str, int, bool]:
    """The system identifier of the cluster, the timeline, and is it Citus; nothing, 0 and no where nobody says so."""
    row = _ask(connection, TIMELINE)
    return (row[0], int(row[1], 16), row[2] == "t") if row else ("", 0, False)


def _ask(connection: psycopg.Connection, sql: bytes) -> list[str] | None:
    """The first row, or None if the server gives none. Raises: `psycopg.Error`, also after its `connect_timeout`."""
    raw = connection.pgconn
    said = {option.keyword: option.val for option in raw.info}
    seconds = max(CONNECT_SECONDS, int(said[b"connect_timeout"] or 0))
    raw.send_query(sql)
    incoming = select.poll()
    incoming.register(raw.socket, select.POLLIN)
    deadline = time.monotonic() + seconds
    first: PGresult | None = None
    while True:
        while raw.is_busy():
            if not incoming.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise ConnectionTimeout(f"no answer for {seconds} seconds")
            raw.consume_input()
        result = raw.get_result()
        if result is None:
            break
        first = first or result
    if first is None or first.status != pq.ExecStatus.TUPLES_OK or not first.ntuples:
        return None
    return [(first.get_value(0, column) or b"").decode() for column in range(first.nfields)]


def in_short(error: psycopg.Error) -> str:
    """Without where it was, which is told beside it."""
    return str(error).strip().partition("\n")[0].rpartition("failed: ")[2]

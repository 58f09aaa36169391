"""PostgreSQL driver, on psycopg's layer over libpq: prepared statements, once a connection; values travel as text.

Asked the usual way, with a cursor, the one-row statement costs the client 32 µs; asked like this, 21. Behind a pooler
that lends a connection for one transaction, nothing may be left on it: there a statement is sent whole each time.
A wait for an answer ends after `ANSWER_SECONDS`, so that a database that hangs does not take every thread with it.

Source: https://www.postgresql.org/docs/current/libpq-async.html, https://www.psycopg.org/psycopg3/docs/api/pq.html
"""

import select
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
import structlog
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import Diagnostic
from psycopg.pq.abc import PGresult
from psycopg.types.string import TextLoader

from bucketlist.kit.db.driver import STATEMENT_SECONDS, Compiled, Row, Values
from bucketlist.kit.db.errors import READ_ONLY, ConnectionLost, NoAnswer, NotReplicated
from bucketlist.kit.db.failover import Primary
from bucketlist.kit.db.postgres_errors import Said, StatementError, refusal_for
from bucketlist.kit.errors import Unavailable

ANSWER_SECONDS = 5.5  # longer than statement_timeout, which is the way a slow statement should end
ERROR_FIELDS = (
    pq.DiagnosticField.SQLSTATE,
    pq.DiagnosticField.MESSAGE_PRIMARY,
    pq.DiagnosticField.CONSTRAINT_NAME,
    pq.DiagnosticField.CONTEXT,
)
OLD_PRIMARY = "a standby was promoted over the server of this connection"
TIMESTAMPTZ = 1184  # object id of the type: pg_type.dat

log = structlog.get_logger()


def instant(text: str) -> str:
    """A timestamp of PostgreSQL, `2026-11-24 22:40:00.12+00`, as `2026-11-24T22:40:00.120Z`."""
    if len(text) == 26:
        return f"{text[:10]}T{text[11:23]}Z"
    return f"{text[:10]}T{text[11:19]}.{text[20:-3]:0<3}Z"


def instants_of(result: PGresult) -> list[int]:
    """The columns that are timestamps."""
    return [column for column in range(result.nfields) if result.ftype(column) == TIMESTAMPTZ]


def note_unreplicated(noted: list[str], notice: Diagnostic) -> None:
    """Keep the warning that a commit did not wait for the synchronous standby; its words are in the server's language.

    Source: https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION
    """
    if notice.source_function == "SyncRepWaitForLSN":
        noted.append(notice.message_primary or "the wait for the synchronous standby was cancelled")


class PostgresConnection:
    """A connection with its prepared statements, if it may have any, and of each which columns are moments."""

    def __init__(
        self,
        primary: Primary,
        doubt: Callable[[], None],
        *,
        may_prepare: bool = True,
        rules: Collection[str] | None = None,
    ) -> None:
        """`doubt` is told when the server does not answer."""
        self.is_broken = False
        self.opened_at = 0.0
        self._doubt = doubt
        self._rules = rules
        self._may_prepare = may_prepare
        self._prepared: dict[str, list[int]] = {}
        self._cluster, self._timeline = primary.cluster, primary.timeline
        self._connection = primary.connection
        self._has_citus = primary.has_citus
        self._unreplicated: list[str] = []
        self._connection.add_notice_handler(partial(note_unreplicated, self._unreplicated))
        self._raw = self._connection.pgconn
        self._raw.nonblocking = 1
        for kind in ("uuid", "timestamptz"):
            self._connection.adapters.register_loader(kind, TextLoader)
        self._reader = Transformer(self._connection)
        # `poll`, as `select` takes no descriptor from 1,024 on; one for all waits, as each request waits here.
        self._incoming = select.poll()
        self._incoming.register(self._raw.socket, select.POLLIN)

    def check_settings(self, options: Mapping[str, str]) -> None:
        """Raises: `Unavailable` when one is not as `options` have it: times would be wrong, or waits without end."""
        asked = ", ".join(f"current_setting('{name}')" for name in options)
        found = self._command(f"SELECT {asked}".encode())
        for column, (name, wanted) in enumerate(options.items()):
            value = (found.get_value(0, column) or b"").decode()
            if value.partition(",")[0] != wanted:  # a datestyle is “ISO, MDY”
                log.error("database_setting_is_wrong", setting=name, found=value, wanted=wanted)
                raise Unavailable(reason=f"the setting {name} is not {wanted}")

    def run(self, statement: Compiled, values: Values) -> list[Row]:
        instants = self._instants_of(statement)
        if statement.seconds != STATEMENT_SECONDS:
            self._command(f"SET LOCAL statement_timeout = '{statement.seconds}s'".encode())
        try:
            self._send(statement, values, is_prepared=instants is not None)
            return self._rows(self._answer(statement.seconds - STATEMENT_SECONDS), instants)
        except psycopg.Error as error:
            raise self._lost(error) from error

    def run_together(self, statements: Sequence[Compiled], values: Values) -> list[list[Row]]:
        """Pipeline mode: the rows of each, in one round trip, and in one transaction that ends with it if none is open.

        Citus commits what it sends to another server at once, unless it is told of a transaction.
        Source: https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
        """
        instants = [self._instants_of(statement) for statement in statements]
        is_told = self._has_citus and self._raw.transaction_status == pq.TransactionStatus.IDLE
        try:
            self._raw.enter_pipeline_mode()
            if is_told:
                self._raw.send_query_params(b"BEGIN", None)
            for statement, known in zip(statements, instants, strict=True):
                self._send(statement, values, is_prepared=known is not None)
            if is_told:
                self._raw.send_query_params(b"COMMIT", None)
            self._raw.pipeline_sync()
            results = self._answers()
        except psycopg.Error as error:
            raise self._lost(error) from error
        finally:
            self._leave_pipeline(is_told=is_told)
        results = results[1:-1] if is_told else results
        return [self._rows(result, known) for result, known in zip(results, instants, strict=True)]

    def begin(self) -> None:
        self._command(b"BEGIN")

    def commit(self) -> None:
        """Raises: `StatementError` when an error inside was passed over, for then the server rolls back instead."""
        if self._command(b"COMMIT").command_status != b"COMMIT":
            raise StatementError("A statement failed, and the transaction went on.")

    def rollback(self) -> None:
        """Undo the open transaction; on a broken connection the server does so by itself."""
        if not self.is_broken and self._raw.transaction_status != pq.TransactionStatus.IDLE:
            with suppress(Unavailable):
                self._command(b"ROLLBACK")

    def is_stale(self) -> bool:
        """Liveness of an idle connection: something to read on it is the server's farewell, or it is an old primary."""
        return self._timeline < self._cluster.newest or bool(self._incoming.poll(0))

    def find_obstacle(self) -> str | None:
        """Is the server read-only: a standby, or told to let nothing be written?"""
        return READ_ONLY if self._command(b"SHOW transaction_read_only").get_value(0, 0) == b"on" else None

    def close(self) -> None:
        self._connection.close()

    def _command(self, sql: bytes) -> PGresult:
        if self._timeline < self._cluster.newest:
            raise self._lost(OLD_PRIMARY)
        try:
            self._raw.send_query(sql)
            return self._answer()
        except psycopg.Error as error:
            raise self._lost(error) from error

    def _instants_of(self, statement: Compiled) -> list[int] | None:
        """Prepare it, if it may be; which of its columns are moments, when that is known by it."""
        if self._timeline < self._cluster.newest:
            raise self._lost(OLD_PRIMARY)
        instants = self._prepared.get(statement.name)
        return self._prepare(statement) if instants is None and self._may_prepare else instants

    def _send(self, statement: Compiled, values: Values, *, is_prepared: bool) -> None:
        constants = statement.constants
        parameters: list[bytes | None] = []
        for name in statement.parameters:
            value = values[name] if name in values else constants[name]
            parameters.append(None if value is None else str(value).encode())
        if is_prepared:
            self._raw.send_query_prepared(statement.name.encode(), parameters)
        else:
            self._raw.send_query_params(statement.sql.encode(), parameters)

    def _leave_pipeline(self, *, is_told: bool) -> None:
        """A transaction that failed inside is still open if the server was told of it."""
        if not self.is_broken:
            self._raw.exit_pipeline_mode()
            if is_told:
                self.rollback()

    def _prepare(self, statement: Compiled) -> list[int]:
        name = statement.name.encode()
        try:
            self._raw.send_prepare(name, statement.sql.encode())
            self._answer()
            self._raw.send_describe_prepared(name)
            described = self._answer()
        except psycopg.Error as error:
            raise self._lost(error) from error
        return self._prepared.setdefault(statement.name, instants_of(described))

    def _rows(self, result: PGresult, instants: list[int] | None) -> list[Row]:
        if instants is None:
            instants = instants_of(result)
        self._reader.set_pgresult(result)
        rows: list[Any] = self._reader.load_rows(0, result.ntuples, list)
        for row in rows if instants else ():
            for column in instants:
                if row[column] is not None:
                    row[column] = instant(row[column])
        return rows

    def _flush(self, more_seconds: float = 0) -> float:
        """Send all. The connection is broken until the answer is there, so that nobody else gets it; by when it is."""
        self.is_broken = True
        deadline = time.monotonic() + ANSWER_SECONDS + more_seconds
        while self._raw.flush():  # a large value is still on its way
            self._wait(select.POLLIN | select.POLLOUT, deadline)
            self._raw.consume_input()
        return deadline

    def _answers(self) -> list[PGresult]:
        """The results of a pipeline that was sent. Raises what the first error means to a client of ours."""
        deadline = self._flush()
        results: list[PGresult] = []
        is_between = False  # two results stand apart by nothing; where nothing follows, the connection was lost
        while (result := self._next_result(deadline)) is not None or not is_between:
            is_between = result is None
            if result is None:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                self.is_broken = False
                break
            results.append(result)
        for result in results:
            self._refuse_failed(result)
        if self.is_broken:
            raise self._lost()
        return results

    def _answer(self, more_seconds: float = 0) -> PGresult:
        """The result of a query that was sent. Raises what the server's error means to a client of ours."""
        deadline = self._flush(more_seconds)
        result = self._next_result(deadline)
        if result is None:
            raise self._lost()
        while later := self._next_result(deadline):
            result = later  # the commit comes after the rows, and when it fails they mean nothing
        self.is_broken = False
        self._refuse_failed(result)
        return result

    def _refuse_failed(self, result: PGresult) -> None:
        """Raises what an error means to a client of ours; and of a success that is none."""
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise self._refusal(result)
        if self._unreplicated or self._timeline < self._cluster.newest:
            raise self._hollow()

    def _next_result(self, deadline: float) -> PGresult | None:
        while self._raw.is_busy():  # else `get_result` would block, past every deadline
            self._wait(select.POLLIN, deadline)
            self._raw.consume_input()
        return self._raw.get_result()

    def _wait(self, events: int, deadline: float) -> None:
        if events != select.POLLIN:
            # For this wait only: there is nearly always room to write, and `is_stale` would take that for a farewell.
            self._incoming.modify(self._raw.socket, events)
        ready = self._incoming.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if events != select.POLLIN:
            self._incoming.modify(self._raw.socket, select.POLLIN)
        if not ready:
            self._doubt()
            raise NoAnswer(reason=f"no answer for {ANSWER_SECONDS} seconds")

    def _hollow(self) -> Unavailable:
        """Of a success that is none to rely on: what another server than this one goes on from may not have it."""
        lost = self._lost(OLD_PRIMARY)
        return NotReplicated(reason=self._unreplicated[0]) if self._unreplicated else lost

    def _lost(self, error: psycopg.Error | str | None = None) -> ConnectionLost:
        self.is_broken = True
        return ConnectionLost(reason=str(error or "the connection was closed"))

    def _refusal(self, result: PGresult) -> Exception:
        said = Said(*((result.error_field(field) or b"").decode(errors="replace") for field in ERROR_FIELDS))
        refusal, is_over = refusal_for(said, self._rules)
        self.is_broken = is_over
        return refusal

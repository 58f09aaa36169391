"""Database access: SQL statements that are compiled once, one `execute`, one `transaction`.

A statement is written with SQLAlchemy Core, so that one source serves SQLite and PostgreSQL, and compiled once per
dialect; from then on only its values change and the text is handed to the driver. On this path bind and result
processors, `default=` and engine events do not exist: every value is passed, as text, an integer or None, and comes
back as the same. `handbook/decisions/0002-statements-compiled-once.md` has the figures that led here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from itertools import count
from typing import ParamSpec, TypeVar, cast

import structlog
from sqlalchemy import ClauseElement, Executable, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from bucketlist.kit.context import at_work
from bucketlist.kit.db.driver import STATEMENT_SECONDS, Compiled, Connection, Driver, Row, Values
from bucketlist.kit.db.errors import ConnectionLost, ConnectionUnfit, NoAnswer, SerializationFailure, StatementTimeout
from bucketlist.kit.db.outages import Outages, refuse_obstacles
from bucketlist.kit.db.pool import Pool
from bucketlist.kit.db.shares import FairShares, asking
from bucketlist.kit.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

MAX_SERIALIZATION_RETRIES = (
    3  # of what the database undid in favour of somebody else; each may wait a second for its verdict
)

log = structlog.get_logger()
_numbers = count()  # of prepared statements


class Statement:
    """A SQL statement of SQLAlchemy Core, compiled for each dialect when it is first executed there.

    It may take so many `seconds`; more than `STATEMENT_SECONDS` only inside a transaction. What `is_slow` may read a
    whole account, and goes in the slow lane (`kit/db/shares.py`). SQLite is asked `on_sqlite` in its place, if there is
    one: a query of the same rows that is quicker there.
    """

    def __init__(
        self,
        core: Executable,
        *,
        seconds: int = STATEMENT_SECONDS,
        is_slow: bool = False,
        on_sqlite: Executable | None = None,
    ) -> None:
        self.core = core
        self._on_sqlite = on_sqlite
        self._seconds = seconds
        self._is_slow = is_slow
        self._by_dialect: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> Compiled:
        found = self._by_dialect.get(dialect.name)
        return found or self._by_dialect.setdefault(dialect.name, self._compile(dialect))

    def _compile(self, dialect: Dialect) -> Compiled:
        core = self._on_sqlite if self._on_sqlite is not None and dialect.name == "sqlite" else self.core
        compiled = cast("SQLCompiler", cast("ClauseElement", core).compile(dialect=dialect))
        parameters = tuple(dict.fromkeys(compiled.positiontup or compiled.params))
        # Literals that the statement holds itself; what has no value yet is a parameter, and comes with each execution.
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        is_read = isinstance(self.core, Select)
        name = f"s{next(_numbers)}"
        return Compiled(name, str(compiled), parameters, constants, is_read, self._seconds, self._is_slow)


class Together:
    """A pipeline: SQL statements that take effect together, in one round trip. The rows are those of `asked`.

    Outside of a transaction they are one of their own. `then` is told of the rows that each has given.
    """

    def __init__(
        self, statements: Sequence[Statement], asked: Statement, then: Callable[[list[list[Row]], Values], None]
    ) -> None:
        self.statements = tuple(statements)
        self.asked = self.statements.index(asked)
        self.then = then


class Database:
    """A database: a connection pool, and the statements and transactions that run on it."""

    def __init__(self, driver: Driver, pool_size: int) -> None:
        self.driver = driver
        self.pool: Pool[Connection] = Pool(driver.connect, pool_size)
        self.fair = FairShares(pool_size)
        self.outages = Outages()
        self.on_execute: Callable[[Compiled, Values], None] | None = None
        self._current: ContextVar[Connection | None] = ContextVar("connection", default=None)
        self._afterwards: ContextVar[list[Callable[[], object]] | None] = ContextVar("afterwards", default=None)

    def execute(self, statement: Statement | Together, values: Values) -> list[Row]:
        """Execute a statement: every row that it gives, in the transaction that is open, else committed on its own.

        Raises: `Unavailable` when the database cannot be reached, `ConstraintViolation` when it refuses.
        """
        if isinstance(statement, Together):
            return self._execute_together(statement, values)
        compiled = statement.compiled(self.driver.dialect)
        if self.on_execute:
            self.on_execute(compiled, values)
        connection = self._current.get()
        try:
            if connection is not None:
                return connection.run(compiled, values)
            with self._share(is_slow=compiled.is_slow, writes=not compiled.is_read):
                return self._retry_serialization_failure(lambda: self._execute_alone(compiled, values))
        except StatementTimeout:
            log.warning("statement_timed_out", seconds=compiled.seconds, statement=" ".join(compiled.sql.split()))
            raise

    def _execute_together(self, pipeline: Together, values: Values) -> list[Row]:
        compiled = [statement.compiled(self.driver.dialect) for statement in pipeline.statements]
        if self.on_execute:
            for each in compiled:
                self.on_execute(each, values)
        connection = self._current.get()
        try:
            if connection is not None:
                found = connection.run_together(compiled, values)
            else:
                with self._share(writes=True):
                    found = self._retry_serialization_failure(lambda: self._write_alone(compiled, values))
        except StatementTimeout:
            log.warning("statement_timed_out", statement=" ".join(compiled[pipeline.asked].sql.split()))
            raise
        pipeline.then(found, values)
        return found[pipeline.asked]

    def _write_alone(self, compiled: list[Compiled], values: Values) -> list[list[Row]]:
        with self.driver.writing:
            return self._run_alone(lambda connection: connection.run_together(compiled, values), checked=True)

    def _execute_alone(self, compiled: Compiled, values: Values) -> list[Row]:
        def run(connection: Connection) -> list[Row]:
            return connection.run(compiled, values)

        if not compiled.is_read:
            with self.driver.writing:
                return self._run_alone(run, checked=True)
        try:
            return self._run_alone(run, checked=False)
        except (ConnectionLost, ConnectionUnfit):  # nothing was written, so a second try is safe
            return self._run_alone(run, checked=True)

    def _run_alone(self, run: Callable[[Connection], T], *, checked: bool) -> T:
        connection = self.pool.acquire(checked=checked)
        try:
            return run(connection)
        except Unavailable as error:
            self._heed(error)
            raise
        finally:
            self.pool.release(connection)

    def run_in_transaction(self, work: Callable[[], T]) -> T:
        """A transaction that is retried: what `work` gives; from the beginning again after a serialization failure.

        Inside another, whoever opened the first one begins again.
        """

        def run() -> T:
            with self.transaction():
                return work()

        return work() if self._current.get() is not None else self._retry_serialization_failure(run)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: all statements inside take effect together, or none does. One inside another joins it.

        Its isolation level is the database's own: READ COMMITTED on PostgreSQL, unless the operator sets another,
        serializable on SQLite.
        """
        if self._current.get() is not None:
            yield
            return
        try:
            with self._new_transaction():
                yield
        except Unavailable as error:
            if type(error) not in (SerializationFailure, StatementTimeout):  # one may yet succeed, one is told
                self.outages.tell(error)
            raise

    @contextmanager
    def _new_transaction(self) -> Iterator[None]:
        with self._share(writes=True), self.driver.writing:
            connection = self.pool.acquire(checked=True)
            token = self._current.set(connection)  # from here on, `execute` of this context finds it
            afterwards: list[Callable[[], object]] = []
            outer = self._afterwards.set(afterwards)
            try:
                connection.begin()
                yield
                connection.commit()
            except BaseException as error:  # a signal or a dying thread as well: nothing of it may stay open
                connection.rollback()
                self._heed(error)
                raise
            finally:
                self._current.reset(token)
                self._afterwards.reset(outer)
                self.pool.release(connection)
        for work in afterwards:
            work()

    def after_commit(self, work: Callable[[], object]) -> None:
        """A commit hook: `work` is done once the open transaction is committed, and never if it fails.

        At once when none is open.
        """
        afterwards = self._afterwards.get()
        if afterwards is None:
            work()
        else:
            afterwards.append(work)

    def _heed(self, error: BaseException) -> None:
        """What one connection has met may be so with all that are as old."""
        if isinstance(error, ConnectionUnfit):
            self.pool.suspect()
        elif isinstance(error, NoAnswer):
            self.pool.distrust()

    def _share(self, *, is_slow: bool = False, writes: bool) -> AbstractContextManager[object]:
        is_in_line = writes and self.driver.has_one_writer
        return self.fair.share(asking.get(), is_slow=is_slow, is_in_line=is_in_line)

    def refuse_obstacles(self) -> None:
        """Raises: `Unavailable`, which says why, when nothing could be written."""
        refuse_obstacles(self.pool, self.outages)

    def _retry_serialization_failure(self, work: Callable[[], T]) -> T:
        try:
            for _ in range(MAX_SERIALIZATION_RETRIES):
                try:
                    return work()
                except ConnectionUnfit:
                    break  # the next one is new, and if it is unfit too, so are all
                except SerializationFailure:
                    continue
            return work()  # the last try
        except Unavailable as error:
            if not isinstance(error, StatementTimeout):
                self.outages.tell(error)
            raise


def database() -> Database:
    """The database of the application that is at work."""
    found: Database = at_work.get().database
    return found


def execute(statement: Statement | Together, values: Values) -> list[Row]:
    """`Database.execute` on the database of the application that is at work."""
    return database().execute(statement, values)


def find_one(statement: Statement, values: Values) -> Row | None:
    """The first row that the statement gives, or None."""
    rows = database().execute(statement, values)
    return rows[0] if rows else None


def transaction() -> AbstractContextManager[None]:
    """`Database.transaction` on the database of the application that is at work."""
    return database().transaction()


def in_transaction(work: Callable[P, T]) -> Callable[P, T]:
    """`work` as `Database.run_in_transaction` runs it: all of its statements take effect together, or none does.

    It may run several times until it is done, so that it asks the database and computes, and does nothing else.
    """

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return database().run_in_transaction(lambda: work(*args, **kwargs))

    return run

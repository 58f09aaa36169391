"""PostgreSQL driver: reaches the database of a URL, whichever of its servers is the primary."""

from collections.abc import Collection
from contextlib import nullcontext
from functools import partial

import psycopg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect

from bucketlist.kit.background import PeriodicThread
from bucketlist.kit.db.address import options_for
from bucketlist.kit.db.failover import Servers
from bucketlist.kit.db.postgres import PostgresConnection
from bucketlist.kit.errors import Unavailable


class PostgresDriver:
    """Reaches the database at `url`. Several writers at once are the server's own business."""

    dialect: Dialect

    def __init__(
        self, url: str, *, may_prepare: bool = True, rules: Collection[str] | None = None, name: str = ""
    ) -> None:
        """`rules` are the constraints of our tables, `kit/db/driver.py:rules_of`; without them, all are taken for
        ours. `name` is what PostgreSQL lists connections under."""
        self.url = url
        self.servers = Servers(url, may_prepare=may_prepare, name=name)
        self.may_prepare = may_prepare
        self.rules = rules
        self.dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # as SQLAlchemy has it
        self.has_one_writer, self.writing = False, nullcontext()

    @property
    def is_citus(self) -> bool:
        return self.servers.has_citus

    def connect(self) -> PostgresConnection:
        try:
            primary = self.servers.connect()
        except psycopg.Error as error:
            raise Unavailable(reason=str(error)) from error
        doubt = partial(self.servers.silent.doubt, primary.host)
        connection = PostgresConnection(primary, doubt, may_prepare=self.may_prepare, rules=self.rules)
        if not self.may_prepare:
            try:
                connection.check_settings(options_for(has_citus=primary.has_citus))
            except Unavailable:
                connection.close()
                raise
        return connection

    def watch(self) -> PeriodicThread | None:
        return self.servers.watch()

    def finish(self) -> None:
        """The server looks after its files."""

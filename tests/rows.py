"""Raw database access: rows of every table, as the application reads them."""

from collections.abc import Iterator

from sqlalchemy import Table, select

from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.models import metadata

_ALL_ROWS = {table: Statement(select(table)) for table in metadata.sorted_tables}


def all_rows() -> Iterator[tuple[Table, Row]]:
    """Every row of every table."""
    for table, statement in _ALL_ROWS.items():
        for row in execute(statement, {}):
            yield table, row


def count_rows(table: Table) -> int:
    return len(execute(_ALL_ROWS[table], {}))

"""Change log: every write to a recorded table takes a number of the account, and leaves a row of the log.

Three statements are one pipeline, and one transaction: take a number, if the session is active; write, whereby
`version` becomes that number; log what has it now. The account's row is locked from the first to the commit, so that
numbers come into sight in their order: whoever reads up to one misses nothing that commits later. A table is recorded
when it has a `kind`; history reads the log by thing, the changes feed by number.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Executable, Table, bindparam, delete, exists, literal_column, select, update
from sqlalchemy.dialects.postgresql import Insert, insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION_EXISTS, ACTOR, OWNER
from bucketlist.kit.db.database import Statement, Together, database, execute
from bucketlist.kit.db.driver import Row, Values
from bucketlist.kit.db.pruning import leftover
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.schemas import ApiModel
from bucketlist.models import changes, metadata, tombstones, users

KEPT_CHANGES = 500  # of one thing; older ones are forgotten, but for those since the last `THIN_EVERY`
THIN_EVERY = 256  # changes of an account

NUMBER = select(users.c.change_number).where(users.c.id == OWNER).scalar_subquery()
TAKE_NUMBER = Statement(
    update(users)
    .where(users.c.id == OWNER, ACTIVE_SESSION_EXISTS)
    .values(change_number=users.c.change_number + 1)
    .returning(users.c.change_number)
)
HAVE_THINNED = Statement(
    insert(tombstones)
    .values(user_id=OWNER, kind=literal_column("'history'"), id=OWNER)
    .on_conflict_do_nothing(index_elements=["user_id", "kind", "id"])
)
RECORDED = {str(table.info["kind"]): table for table in metadata.sorted_tables if "kind" in table.info}
KEY = [column.name for column in changes.primary_key.columns]


def is_recorded(table: Table) -> bool:
    return "kind" in table.info


def is_told(table: Table) -> ColumnElement[bool]:
    """Has the log a word of the version that a row is at?"""
    return exists().where(
        changes.c.user_id == table.c.user_id,
        changes.c.kind == _kind_of(table),
        changes.c.thing_id == table.c.id,
        changes.c.number == table.c.version,
    )


def words_of(schema: type[ApiModel], before: Row, after: Row) -> str | None:
    """What history tells of a change: of each field, as it is answered, what it was and what it is. None of none."""
    was, is_now = schema.to_json_object(before), schema.to_json_object(after)
    told = {name: [was[name], value] for name, value in is_now.items() if was[name] != value}
    return words(told)


def words(told: Mapping[str, list[Any]]) -> str | None:
    return to_json(told).decode() if told else None


def recorded(
    table: Table, write: Executable, is_it: ColumnElement[bool], action: str, *before: Statement
) -> Statement | Together:
    """`write`, which gives a row of a recorded table the version `NUMBER`, and its row of the log.

    What comes `before` is done with it.
    """
    asked = Statement(write)
    return _together([*before, asked, Statement(_log(table, action, is_it))], asked) if is_recorded(table) else asked


def removed(table: Table, write: Executable, *is_it: ColumnElement[bool]) -> Statement | Together:
    """`write`, which deletes a row of a recorded table for good, and its row of the log. Its history goes later."""
    asked = Statement(write)
    if not is_recorded(table):
        return asked
    return _together([Statement(_log_removal(table, *is_it)), HAVE_THINNED, asked], asked)


def noted_removal(table: Table, *is_it: ColumnElement[bool]) -> Together:
    """The row of the log of what is deleted by others, in the transaction that is open."""
    asked = Statement(_log_removal(table, *is_it))
    return _together([asked], asked)


def recorded_all(table: Table, write: Executable) -> Together:
    """`write`, which gives many rows the version `NUMBER`, and a row of the log for each.

    It takes the place of one that another such write left: nobody says what they changed, and there may be many.
    """
    asked = Statement(write, is_slow=True)
    ids = select(table.c.id).where(access.owned(table), table.c.version == NUMBER)
    forget = delete(changes).where(
        access.owned(changes),
        changes.c.kind == _kind_of(table),
        changes.c.thing_id.in_(ids),
        changes.c.action == literal_column("'changed'"),
        changes.c.fields.is_(None),
    )
    return _together([asked, Statement(forget), Statement(_log(table, "changed"))], asked)


def _together(statements: Sequence[Statement], asked: Statement) -> Together:
    return Together([TAKE_NUMBER, *statements], asked, _thin_in_time)


def _log(table: Table, action: str, *is_it: ColumnElement[bool]) -> Insert:
    """A row of the log for each row at version `NUMBER`. Behind a dead session there may be one already."""
    rows = select(*_row_of(table, table.c.version, action)).where(
        access.owned(table), *is_it, table.c.version == NUMBER
    )
    return insert(changes).from_select(_COLUMNS, rows).on_conflict_do_nothing(index_elements=KEY)


def _log_removal(table: Table, *is_it: ColumnElement[bool]) -> Insert:
    """A row of the log for what will not be there any more."""
    rows = select(*_row_of(table, NUMBER, "deleted")).where(*is_it, ACTIVE_SESSION_EXISTS)
    return insert(changes).from_select(_COLUMNS, rows)


def _row_of(table: Table, number: ColumnElement[Any], action: str) -> list[ColumnElement[Any]]:
    return [
        table.c.user_id,
        number,
        _kind_of(table),
        table.c.id,
        literal_column(f"'{action}'"),
        bindparam("now", type_=changes.c.at.type),
        ACTOR,
        bindparam("session_id", type_=changes.c.session_id.type),
        bindparam("by_token", type_=changes.c.by_token.type),
        bindparam("fields", type_=changes.c.fields.type),
    ]


_COLUMNS = ["user_id", "number", "kind", "thing_id", "action", "at", "actor_id", "session_id", "by_token", "fields"]


def _kind_of(table: Table) -> ColumnElement[str]:
    return literal_column(f"'{table.info['kind']}'", changes.c.kind.type)


def _thin_in_time(found: list[list[Row]], values: Values) -> None:
    """Once in `THIN_EVERY` changes, what is too much of one thing's history is left to whoever keeps the house."""
    if found[0] and found[0][0][0] % THIN_EVERY == 0:
        database().after_commit(lambda: _leave_to_prune(values))


def _leave_to_prune(values: Values) -> None:
    with suppress(Unavailable):  # it is done, and the next one tells again
        execute(HAVE_THINNED, values)
        leftover.set()

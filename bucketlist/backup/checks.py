"""SQL queries of the integrity check: rules that the database itself should keep, asked again."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Connection,
    ForeignKeyConstraint,
    Row,
    Table,
    and_,
    case,
    distinct,
    except_,
    exists,
    func,
    literal,
    select,
    text,
    tuple_,
    union_all,
)

from bucketlist.auth.access import IS_ACCOUNT_THERE
from bucketlist.auth.recording import RECORDED, is_told
from bucketlist.kit.db.searching import contains
from bucketlist.limits.storage import bytes_in
from bucketlist.models import (
    buckets,
    changes,
    email_addresses,
    entries,
    files,
    item_tags,
    items,
    metadata,
    tombstones,
    trash,
    users,
)
from bucketlist.tags.encoding import LINE, TAB


def count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def find_damage(connection: Connection) -> Iterator[str]:
    """What SQLite finds wrong with its file; PostgreSQL looks after its own."""
    if connection.dialect.name == "sqlite":
        for (found,) in connection.exec_driver_sql("PRAGMA integrity_check(10)"):
            if found != "ok":
                yield f"The file of the database is damaged: {found.rstrip('.')}."


def find_lost_rows(connection: Connection, tables: Iterable[Table]) -> Iterator[str]:
    """Foreign keys of `tables` that lead nowhere."""
    for table in tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            if lost := _count_lost(connection, table, key):
                yield f"Rows of {table.name} without their {key.referred_table.name}: {lost:,}."


def find_broken_rules(connection: Connection) -> Iterator[str]:
    """Checks that do not hold."""
    for table in metadata.sorted_tables:
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                broken = select(func.count()).select_from(table).where(text(f"NOT ({constraint.sqltext})"))
                if lost := connection.scalar(broken) or 0:
                    yield f"Rows of {table.name} in which {constraint.name} does not hold: {lost:,}."


def find_strange_tags(connection: Connection) -> Iterator[str]:
    """Items whose tags are not those that they are found by, and tags that somebody spells in several ways."""
    line = literal(LINE) + item_tags.c.name + literal(TAB) + item_tags.c.name_folded + literal(LINE)
    found_by, also_there = func.count(item_tags.c.name), func.count(case((contains(items.c.tags, line), 1)))
    lines = func.length(items.c.tags) - func.length(func.replace(items.c.tags, literal(LINE), literal("")))
    wanted = func.coalesce(lines - 1, 0)
    tagged = select(items.c.id).select_from(items.outerjoin(item_tags)).group_by(*items.primary_key, items.c.tags)
    wrong = tagged.having((found_by != wanted) | (also_there != wanted)).subquery()
    if lost := connection.scalar(select(func.count()).select_from(wrong)) or 0:
        yield f"Items whose tags are not those in item_tags: {lost:,}."
    spelt = select(item_tags.c.name_folded).group_by(item_tags.c.user_id, item_tags.c.name_folded)
    twice = spelt.having(func.count(distinct(item_tags.c.name)) > 1).subquery()
    if lost := connection.scalar(select(func.count()).select_from(twice)) or 0:
        yield f"Tags that one person spells in several ways: {lost:,}."


def find_miscounts(connection: Connection) -> Iterator[str]:
    """Accounts whose storage quota was not counted as it should be."""
    sizes = union_all(
        *(select(table.c.user_id, bytes_in(table).label("size")) for table in (buckets, items, entries, changes))
    ).subquery()
    held = select(sizes.c.user_id, func.sum(sizes.c.size).label("size")).group_by(sizes.c.user_id).subquery()
    wrong = (
        select(func.count())
        .select_from(users.outerjoin(held, users.c.id == held.c.user_id))
        .where(users.c.text_bytes != func.coalesce(held.c.size, 0), IS_ACCOUNT_THERE)
    )
    if lost := connection.scalar(wrong) or 0:
        yield f"Accounts whose text_bytes are not what their long texts take: {lost:,}."


def find_wrong_counts(connection: Connection) -> Iterator[str]:
    """Items whose counter is not that of their entries. Of what is still to be purged, entries go before items.

    Of entries in the trash only those count that went there with their item.
    """
    accounts = select(tombstones.c.user_id).where(tombstones.c.kind == "account")
    is_there = items.c.user_id.not_in(accounts) & _is_kept(items.c.user_id, items.c.id)
    is_there &= _is_kept(items.c.user_id, items.c.bucket_id)
    told = select(items.c.id).select_from(items.outerjoin(entries)).where(is_there)
    counted = told.group_by(*items.primary_key, items.c.times_done)
    times = func.sum(case((entries.c.trash_id.is_(None), entries.c.completes), else_=0))
    wrong = counted.having(items.c.times_done != func.coalesce(times, 0)).subquery()
    if lost := connection.scalar(select(func.count()).select_from(wrong)) or 0:
        yield f"Items whose times_done is not how many entries complete them: {lost:,}."


def _is_kept(user_id: ColumnElement[str], thing_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Is it nothing that is still to be purged of a trash that was emptied?"""
    return tuple_(user_id, thing_id).not_in(select(trash.c.user_id, trash.c.thing_id).where(trash.c.emptied == 1))


def find_strange_trash(connection: Connection) -> Iterator[str]:
    """Rows of the trash where nothing lies, and rows that lie where another thing should."""
    for kind, table in RECORDED.items():
        lie_there = select(table.c.user_id, table.c.trash_id, table.c.id).where(table.c.trash_id.is_not(None))
        are_told = select(trash.c.user_id, trash.c.id, trash.c.thing_id).where(trash.c.kind == kind)
        told = {
            f"Rows of {table.name} that lie in the trash as something else": except_(lie_there, are_told),
            f"Rows of trash without their {kind}": except_(are_told.where(trash.c.emptied == 0), lie_there),
        }
        for sentence, wrong in told.items():
            if lost := connection.scalar(select(func.count()).select_from(wrong.subquery())) or 0:
                yield f"{sentence}: {lost:,}."


def is_file_known(connection: Connection, user_id: str, file_id: str) -> bool:
    """Is there a row of this file?"""
    wanted = select(files.c.id).filter_by(user_id=user_id, id=file_id)
    return connection.execute(wanted).first() is not None


def find_unrecorded(connection: Connection) -> Iterator[str]:
    """Rows that are as the change log does not have them, and numbers of it that no account has given yet."""
    leaving = select(tombstones.c.user_id).where(tombstones.c.kind == "account")
    for table in RECORDED.values():
        is_there = table.c.user_id.not_in(leaving) & _is_kept(table.c.user_id, table.c.id)
        untold = select(func.count()).select_from(table).where(~is_told(table), is_there)
        if lost := connection.scalar(untold) or 0:
            yield f"Rows of {table.name} of whose version the change log has no word: {lost:,}."
    ahead = select(func.count()).select_from(changes.join(users, users.c.id == changes.c.user_id))
    if lost := connection.scalar(ahead.where(changes.c.number > users.c.change_number)) or 0:
        yield f"Rows of changes with a number that their account has not given yet: {lost:,}."


def emails_by_user(connection: Connection) -> Iterator[tuple[list[str], list[str]]]:
    """Of each user the email and the addresses under which they are found; without an email there is no such user.

    A merge join of two lists in one order, so that the directory of emails and the users need not be on one machine.
    """
    of_people = select(users.c.id, literal(0), users.c.email).where(IS_ACCOUNT_THERE)
    of_directory = select(email_addresses.c.user_id, literal(1), email_addresses.c.email_folded)
    wanted = (of_people.order_by(users.c.id), of_directory.order_by(email_addresses.c.user_id))
    lists = [connection.execute(one, execution_options={"yield_per": 1000}) for one in wanted]
    for _, rows in groupby(merge(*lists, key=_user_of), _user_of):
        found: tuple[list[str], list[str]] = ([], [])
        for _, place, email in rows:
            found[place].append(email)
        yield found


def _user_of(row: Row[Any]) -> str:
    return str(row[0])  # of a damaged row it may be anything


def _count_lost(connection: Connection, table: Table, key: ForeignKeyConstraint) -> int:
    parent = key.referred_table.alias("parent")
    pairs = [(element.parent, parent.c[element.column.name]) for element in key.elements]
    is_found = exists().where(*(child == there for child, there in pairs))
    is_set = and_(*(child.is_not(None) for child, _ in pairs))
    return connection.scalar(select(func.count()).select_from(table).where(is_set, ~is_found)) or 0

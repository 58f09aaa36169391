"""Integrity check: is the database what it should be? Everything is read, at one moment, and nothing is changed.

The rules follow from `models/`, so that a new table is checked without a word here: a column's type and name say
what may stand in it (`x_folded` is the folded copy of `x`, `position` counts from 1, `modified_at` is not before
`created_at`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic_core import from_json
from sqlalchemy import Column, Connection, DateTime, Integer, Table, Uuid

from bucketlist.backup import checks
from bucketlist.backup.files import find_damaged_files
from bucketlist.backup.rows import read_rows
from bucketlist.config import Settings
from bucketlist.config.storage import file_storage_of
from bucketlist.kit.emails import fold_email, spelling
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.text import fold, fold_lines
from bucketlist.migrations import runner
from bucketlist.models import JSON_LIST, files, metadata

is_id = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z").match
is_moment = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z\Z").match


class Rule(NamedTuple):
    """What holds for every row of a table; `is_kept` gets the values of `columns`, of which none is null."""

    columns: tuple[str, ...]
    is_kept: Callable[..., object]
    sentence: str


def find_problems(settings: Settings) -> list[str]:
    """Check integrity: a sentence for each fault. Raises: `MigrationError` when the database cannot be read."""
    with runner.snapshot(settings) as connection:
        revision = runner.revision_on(connection)
        if runner.is_newer(revision):
            return [runner.NEWER]
        if revision != runner.head():
            told = f"The schema is at revision {revision or 'base'}, that of this version is {runner.head()}"
            return [f"{told}; “bucketlist db upgrade” brings it there."]
        problems = [*checks.find_damage(connection), *_compare_schema(connection)]
        if problems:  # what the schema does not hold cannot be asked for
            return problems
        return [
            *find_wrong_rows(connection, is_folding_asked=True),
            *check_directory(connection, is_folding_asked=True),
            *checks.find_strange_tags(connection),
            *checks.find_miscounts(connection),
            *checks.find_wrong_counts(connection),
            *checks.find_strange_trash(connection),
            *find_damaged_files(connection, files, file_storage_of(settings)),
            *checks.find_unrecorded(connection),
        ]


def find_wrong_rows(connection: Connection, *, is_folding_asked: bool) -> list[str]:
    """A sentence for each rule that rows of this version's schema break.

    A newer Python may fold a few letters otherwise: what it finds without `is_folding_asked` is damage for certain.
    """
    problems = [*checks.find_lost_rows(connection, metadata.sorted_tables), *checks.find_broken_rules(connection)]
    for table in metadata.sorted_tables:
        problems += _check_rows(connection, table, is_folding_asked=is_folding_asked)
    return problems


def count_rows(settings: Settings) -> str:
    """How many there are in each table, for people to read."""
    with runner.snapshot(settings) as connection:
        return ", ".join(f"{checks.count(connection, table):,} {table.name}" for table in metadata.sorted_tables)


def rules_of(table: Table) -> list[Rule]:
    found = [Rule((column.name,), *_kind(column)) for column in table.columns]
    names = [column.name for column in table.columns]
    for name in names:
        if (text := name.removesuffix("_folded")) != name and text in names:
            is_kept = _is_folded_list if table.c[text].info == JSON_LIST else _is_folded
            found.append(Rule((text, name), is_kept, f"{name} is not the folded copy of {text}"))
        if name.endswith(("_first", "_rank")):
            text, _, part = name.rpartition("_")
            found.append(Rule((text, name), partial(_is_of_fuzzy_date, part), f"{name} is not that of {text}"))
        if name in ("position", "version"):
            found.append(Rule((name,), _counts_from_one, f"{name} does not count from 1"))
    if {"created_at", "modified_at"} <= set(names):
        found.append(Rule(("created_at", "modified_at"), _is_in_order, "modified_at is before created_at"))
    lists = [column.name for column in table.columns if column.info == JSON_LIST]
    return found + [Rule((name,), _is_list, f"{name} is no list") for name in lists]


def _kind(column: Column[Any]) -> tuple[Callable[[Any], object], str]:
    if isinstance(column.type, Uuid):
        return (lambda value: type(value) is str and is_id(value)), f"{column.name} is no id"
    if isinstance(column.type, DateTime):
        return (lambda value: type(value) is str and is_moment(value)), f"{column.name} is no moment in UTC"
    if isinstance(column.type, Integer):
        return (lambda value: type(value) is int), f"{column.name} is no number"
    return (lambda value: type(value) is str), f"{column.name} is no text"


def _is_folded(text: object, folded: object) -> bool:
    return type(text) is str and fold(text) == folded


def _is_folded_list(texts: object, folded: object) -> bool:
    """A list of texts, and a line for each of them."""
    return type(texts) is str and _is_list(texts) and fold_lines(map(str, from_json(texts))) == folded


FOLDS = (_is_folded, _is_folded_list)  # what a newer Python may do otherwise


def _is_of_fuzzy_date(part: str, text: str, number: object) -> bool:
    """Is `number` the `first` or the `rank` of a fuzzy date?"""
    try:
        return bool(getattr(FuzzyDate.parse(text), part) == number)
    except ValueError:
        return False


def _is_list(text: str) -> bool:
    """JSON of a list that is not empty."""
    try:
        found = from_json(text)
    except ValueError:
        return False
    return isinstance(found, list) and found != []


def _counts_from_one(value: object) -> bool:
    return type(value) is int and value >= 1


def _is_in_order(earlier: object, later: object) -> bool:
    return str(earlier) <= str(later)


def _check_rows(connection: Connection, table: Table, *, is_folding_asked: bool) -> Iterator[str]:
    columns = list(table.columns.keys())
    asked = [rule for rule in rules_of(table) if is_folding_asked or rule.is_kept not in FOLDS]
    rules = [([columns.index(name) for name in rule.columns], rule) for rule in asked]
    broken: dict[str, int] = {}
    for row in read_rows(connection, table, columns):
        for places, rule in rules:
            values = [row[place] for place in places]
            if None not in values and not rule.is_kept(*values):
                broken[rule.sentence] = broken.get(rule.sentence, 0) + 1
    for sentence, count in broken.items():
        yield f"Rows of {table.name} in which {sentence}: {count:,}."


def check_directory(connection: Connection, *, is_folding_asked: bool) -> Iterator[str]:
    """Everybody is found by their email, and nobody else."""
    nobodys = lost = 0
    for emails, found_by in checks.emails_by_user(connection):
        nobodys += 0 if emails else len(found_by)
        for email in emails:
            wanted = (fold_email(email), spelling(email)) if is_folding_asked else found_by
            lost += sum(one not in wanted for one in found_by) if found_by else 1
    if nobodys:
        yield f"Emails that belong to nobody: {nobodys:,}."
    if lost:
        yield f"Users who cannot be found by their email: {lost:,}."


def _compare_schema(connection: Connection) -> Iterator[str]:
    """Tables that are not ours may stand beside them."""
    ours = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
    for difference in compare_metadata(MigrationContext.configure(connection, opts=ours), metadata):
        yield f"The schema is not that of this version: it would take {_tell(difference)}."


def _tell(difference: Sequence[Any]) -> str:
    """`add_index ix_items_user_id`, or `modify_nullable users.name`."""
    if isinstance(difference[0], tuple):  # changes of one column
        return ", ".join(f"{what} {table}.{column}" for what, _, table, column, *_ in difference)
    return " ".join(str(getattr(part, "name", part)) for part in difference if part is not None)

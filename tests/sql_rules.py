"""SQL rules of a database that is spread by user (sharding): a parser reads whose rows a statement asks for.

It is the text that is read, as PostgreSQL gets it, for what builds it can be anything. A statement that is not
understood breaks a rule, as does one that names a table where nobody looks.
"""

import re
from collections.abc import Iterator
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bucketlist.models import DIRECTORY, OWNED, metadata, owner_key

UNREAD = "it is not understood"
UNBOUND = "an owned table is not bound to a user_id"
TWO_PEOPLE = "it speaks of two people"
MIXED = "it names the directory and what is owned"
MOVING = "it sets user_id"
VOLATILE = "the database makes a value"
COMPUTED = "VALUES has a query"  # this and the next two are refused by Citus
CHOSEN = "what is changed is chosen by a function that is not immutable"
APART = "what it selects has a parameter for user_id, and may change a row that is there"
LOCKING = "it breaks a rule and locks rows"

KEYS = {table.name: owner_key(table).name for table in OWNED}
LISTED = {table.name for table in DIRECTORY}
WHO_AND_WHOSE = {"actor_id", "owner_id"}  # the same today: `auth/access.py`
PEOPLE = {*WHO_AND_WHOSE, "user_id"}  # parameters that are somebody's id; in `users` also `id`
QUERIES = (exp.Select, exp.SetOperation, exp.Insert, exp.Update, exp.Delete)
MAKES_VALUES = re.compile(
    r"(?i)\b(?:now|random|\w*uuid\w*|nextval|currval|setval|lastval|timeofday|\w+_timestamp)\("
    r"|\b(?:current_(?:timestamp|date|time)|localtime(?:stamp)?)\b(?!\)s)"
)
IS_STABLE = re.compile(r"(?i)\b(?:convert_to|convert_from|to_char|to_timestamp|age|concat)\(")

OTHERS = {column.name for table in metadata.sorted_tables for column in table.columns} - {
    *metadata.tables,
    "id",
    "user_id",
}
OTHER_COLUMN = re.compile(rf"\.(?:{'|'.join(sorted(OTHERS))})\b")

Outputs = list[tuple[str, bool]]  # the columns that a query gives, and whether each is the user_id of something bound
Condition = tuple[exp.Expr, set[str] | None]  # and which tables it can bind, if not any


def breaches(sql: str) -> set[str]:
    """The rules that a statement of PostgreSQL breaks. Its parameters are psycopg's, `%(owner_id)s`.

    A list has a text for each sorting, which takes 20 ms to read; without what no rule looks at they are alike.
    """
    return set(_breaches(OTHER_COLUMN.sub(".other", sql).replace(" DESC", " ASC").replace(" < ", " > ")))


@cache
def _breaches(sql: str) -> set[str]:
    try:
        tree = sqlglot.parse_one(sql, dialect="postgres")
    except SqlglotError:
        return {UNREAD}
    for name in tree.find_all(exp.Identifier):
        name.set("this", name.this if name.args.get("quoted") else name.this.lower())
    reader = Reader()
    reader.read(tree, None, {})
    found = reader.breaches | set(rules_broken_anywhere(tree, reader.seen))
    return {*found, LOCKING} if found and tree.find(exp.Lock) else found


def rules_broken_anywhere(tree: exp.Expr, seen: set[int]) -> Iterator[str]:
    tables = [table for table in tree.find_all(exp.Table) if not table.find_ancestor(exp.Lock)]
    if not all(id(table) in seen for table in tables):
        yield UNREAD
    names = {table.name for table in tables}
    if names & LISTED and names & set(KEYS):
        yield MIXED
    if names & {*LISTED, *KEYS} and MAKES_VALUES.search(tree.sql("postgres")):
        yield VOLATILE
    for insert in tree.find_all(exp.Insert):
        yield from refusals_of_citus(insert)
    for choice in (one for change in tree.find_all(exp.Update) for one in change.find_all(exp.Case, exp.Coalesce)):
        if IS_STABLE.search(choice.sql("postgres")):
            yield CHOSEN
    people = {parameter.name for parameter in tree.find_all(exp.Placeholder)} & PEOPLE
    if len(people) > 1 and people != WHO_AND_WHOSE:
        yield TWO_PEOPLE


def refusals_of_citus(insert: exp.Insert) -> Iterator[str]:
    if isinstance(insert.expression, exp.Values) and insert.expression.find(exp.Query):
        yield COMPUTED
    if isinstance(insert.expression, exp.Query) and columns_set_by(insert):
        given = zip(insert.this.expressions, insert.expression.selects, strict=False)
        key = KEYS.get(insert.this.this.name)
        if any(column.name == key and isinstance(bare(value), exp.Placeholder) for column, value in given):
            yield APART


class Scope:
    """One SELECT, INSERT, UPDATE or DELETE: its tables by the names that they have in it, and what is bound.

    `named` are the common table expressions that it may speak of.
    """

    def __init__(self, outer: "Scope | None", named: dict[str, Outputs]) -> None:
        self.outer, self.named = outer, named
        self.tables: dict[str, str] = {}
        self._bound: set[tuple[str, str]] = set()  # columns

    def add(self, name: str, table: str, outputs: Outputs) -> None:
        self.tables[name] = table
        self._bound |= {(name, column) for column, is_bound in outputs if is_bound}

    def bind(self, conditions: list[Condition]) -> None:
        """Bind the tables whose user_id equals, by one of the conditions, what is bound."""
        pairs = [
            (place, value)
            for condition, joined in conditions
            for column, value in equalities(condition)
            for place in [self._place_of(column)]
            if (joined is None or place[0] in joined) and KEYS.get(self.tables.get(place[0], "")) == place[1]
        ]
        while new := {place for place, value in pairs if self.is_bound(value, self.tables[place[0]])} - self._bound:
            self._bound |= new

    def is_bound(self, value: exp.Expr, table: str = "") -> bool:
        """Is it somebody's id: a parameter, or a column that is bound here or around?"""
        value = bare(value)
        if isinstance(value, exp.Placeholder):
            return value.name in PEOPLE or (value.name, table) == ("id", "users")
        return isinstance(value, exp.Column) and self._has(self._place_of(value))

    def has_unbound(self) -> bool:
        return any(table in KEYS and (name, KEYS[table]) not in self._bound for name, table in self.tables.items())

    def _has(self, place: tuple[str, str]) -> bool:
        if place[0] in self.tables:
            return place in self._bound
        return self.outer is not None and self.outer._has(place)

    def _place_of(self, column: exp.Column) -> tuple[str, str]:
        """A column without a table is one of the only table, if there is one only."""
        only = next(iter(self.tables)) if len(self.tables) == 1 else ""
        return column.table or only, column.name


class Reader:
    """Reads a statement: its subqueries, common table expressions and the arms of a UNION, each in its scope."""

    def __init__(self) -> None:
        self.breaches: set[str] = set()
        self.seen: set[int] = set()  # queries and tables

    def read(self, query: exp.Expr, outer: Scope | None, named: dict[str, Outputs]) -> Outputs:
        self.seen.add(id(query))
        for one in query.args["with_"].expressions if query.args.get("with_") else []:
            named = {**named, one.alias: self.read(one.this, outer, named)}
        if isinstance(query, exp.Subquery):
            return self.read(query.this, outer, named)
        if isinstance(query, exp.SetOperation):
            left, right = (self.read(arm, outer, named) for arm in (query.left, query.right))
            return [(name, is_bound and other) for (name, is_bound), (_, other) in zip(left, right, strict=False)]
        if isinstance(query, QUERIES):
            return self._read_in(Scope(outer, named), query)
        self.breaches.add(UNREAD)
        return []

    def _read_in(self, scope: Scope, query: exp.Expr) -> Outputs:
        if isinstance(query, exp.Insert):
            self._add_target(query, scope)
        else:
            scope.bind(self._add_sources(query, scope))
        if scope.has_unbound():
            self.breaches.add(UNBOUND)
        if any(KEYS.get(table) in columns_set_by(query) for table in scope.tables.values()):
            self.breaches.add(MOVING)
        for inner in queries_below(query):
            if id(inner) not in self.seen:
                self.read(inner, scope, scope.named)
        given = query.args.get("returning") or query
        return [(one.alias_or_name, scope.is_bound(one)) for one in given.expressions]

    def _add_target(self, insert: exp.Insert, scope: Scope) -> None:
        """The table that rows go to: bound, if each of them has a bound user_id."""
        is_named = isinstance(insert.this, exp.Schema)
        table = insert.this.this if is_named else insert.this
        columns = [column.name for column in insert.this.expressions] if is_named else []
        self.seen.add(id(table))
        if isinstance(insert.expression, exp.Values):
            given = [row.expressions for row in insert.expression.expressions]
            rows = [[scope.is_bound(value, table.name) for value in row] for row in given]
        else:
            outputs = self.read(insert.expression, scope.outer, scope.named) if insert.expression else []
            rows = [[is_bound for _, is_bound in outputs]]
        bound = zip(columns, map(all, zip(*rows, strict=True)), strict=False)  # without names none is known
        keys = [(column, is_bound) for column, is_bound in bound if column == KEYS.get(table.name)]
        scope.add(table.alias_or_name, table.name, keys)

    def _add_sources(self, query: exp.Expr, scope: Scope) -> list[Condition]:
        """What rows are taken from. Gives the conditions that they have to meet."""
        first = [query.this] if isinstance(query, exp.Update | exp.Delete) else []
        first += [query.args["from_"].this] if query.args.get("from_") else []
        conditions = [one for source in [*first, *(query.args.get("using") or [])] for one in self._add(source, scope)]
        conditions += self._add_joined(query, scope)
        return [*conditions, (query.args["where"].this, None)] if query.args.get("where") else conditions

    def _add(self, source: exp.Expr, scope: Scope) -> list[Condition]:
        self.seen.add(id(source))
        if isinstance(source, exp.Subquery):
            scope.add(source.alias, "", self.read(source, scope.outer, scope.named))
        else:
            is_table = isinstance(source, exp.Table) and source.name not in scope.named
            scope.add(source.alias_or_name, source.name if is_table else "", scope.named.get(source.name, []))
        return self._add_joined(source, scope)

    def _add_joined(self, to: exp.Expr, scope: Scope) -> list[Condition]:
        """An outer join keeps rows that do not meet its condition: of a left one it binds the joined tables only."""
        conditions: list[Condition] = []
        for join in to.args.get("joins") or []:
            before = set(scope.tables)
            conditions += self._add(join.this, scope)
            if join.args.get("on") and join.side in ("", "LEFT"):
                conditions.append((join.args["on"], set(scope.tables) - before if join.side else None))
        return conditions


def equalities(condition: exp.Expr) -> Iterator[tuple[exp.Column, exp.Expr]]:
    """What a condition demands of columns, whatever else it demands."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from equalities(condition.left)
        yield from equalities(condition.right)
    elif isinstance(condition, exp.EQ):
        for column, value in ((condition.left, condition.right), (condition.right, condition.left)):
            if isinstance(column, exp.Column):
                yield column, value


def bare(value: exp.Expr) -> exp.Expr:
    """Without its name; a parameter without its type too. By a column that is cast no machine is found."""
    value = value.unalias().unnest()
    return value.this if isinstance(value, exp.Cast) and isinstance(value.this, exp.Placeholder) else value


def columns_set_by(query: exp.Expr) -> set[str]:
    """By an UPDATE, or by what an INSERT does on conflict."""
    setting = query if isinstance(query, exp.Update) else query.args.get("conflict")
    sets = setting.expressions if setting else []
    return {column.name for one in sets for column in one.this.find_all(exp.Column)}


def queries_below(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nearest ones."""
    for child in node.iter_expressions():
        if isinstance(child, (*QUERIES, exp.Subquery)):
            yield child
        else:
            yield from queries_below(child)

"""Mistakes that Cosmic Ray does not make by itself: a condition of a statement, a call or a refusal is left out.

`DropClause` is the one that matters most here: without the clause that compares owners, a stranger gets in.
"""

from collections.abc import Iterator
from typing import Any

import parso
from cosmic_ray.operators.operator import Example, Operator

Span = tuple[tuple[int, int], tuple[int, int]]

TRUE = '__import__("sqlalchemy").true()'
TAKE_CONDITIONS = ("where", "and_", "or_", "not_")
CONDITIONS = (
    "IS_ACTIVE",
    "ACTIVE_SESSION_EXISTS",
    "HAS_PASSWORD",
    "_IS_LINK",
    "IS_TOKEN",
)  # that have a name of their own


class _Replacing(Operator):  # type: ignore[misc]  # the tool has an environment of its own
    """Replaces what `is_place` finds by `code`."""

    code = "pass"

    def is_place(self, node: Any) -> bool:
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if node.parent is not None and self.is_place(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002  # there is one way to do it
        """As Cosmic Ray's own: the new node keeps the white space before the old one."""
        new = parso.parse(self.code).children[0]
        new.get_first_leaf().prefix = node.get_first_leaf().prefix
        return new


class DropStatement(_Replacing):
    """A call whose answer nobody takes is not made."""

    def is_place(self, node: Any) -> bool:
        return _is_call(node) and node.parent.type == "simple_stmt"

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("f(x)\n", "pass\n"),)


class DropRaise(_Replacing):
    """A refusal does not take place."""

    def is_place(self, node: Any) -> bool:
        is_bare = node.type == "keyword" and node.value == "raise" and node.parent.type == "simple_stmt"
        return is_bare or bool(node.type == "raise_stmt")

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("raise Refused(x)\n", "pass\n"),)


class CatchNothing(_Replacing):
    """What is caught is another exception, which does not happen."""

    code = "ZeroDivisionError"

    def is_place(self, node: Any) -> bool:
        if node.type not in ("name", "atom_expr"):
            return False
        if node.parent.type == "testlist_comp":
            return bool(node.parent.parent.parent.type == "except_clause")
        return bool(node.parent.type == "except_clause" and node is node.parent.children[1])

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (
            Example("try: f()\nexcept OSError as error: g()", "try: f()\nexcept ZeroDivisionError as error: g()"),
            Example("try: f()\nexcept (a.B, C): g()", "try: f()\nexcept (ZeroDivisionError, C): g()"),
        )


class DropClause(_Replacing):
    """A condition of a statement always holds."""

    code = TRUE

    def is_place(self, node: Any) -> bool:
        if node.type in ("atom", "atom_expr", "comparison", "and_expr", "test"):
            return _is_condition(node) or node.get_code(include_prefix=False).startswith("access.owned(")
        return node.type == "name" and node.value in CONDITIONS and node.parent.type in ("arglist", "trailer")

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("s.where(a == b, c)", f"s.where({TRUE}, c)"), Example("(a == b) & c", f"{TRUE} & c"))


def _is_call(node: Any) -> bool:
    return bool(node.type == "atom_expr" and node.children[-1].type == "trailer")


def _is_condition(node: Any) -> bool:
    """Is it joined by `&` with another, or given to `where(…)`, `and_(…)` and the like?"""
    if node.parent.type == "and_expr":
        return True
    call = node.parent.parent if node.parent.type == "arglist" else node.parent
    if call is None or call.type != "trailer" or call.children[0].value != "(":
        return False
    return call.get_previous_leaf().value in TAKE_CONDITIONS

"""Mutation operators: makes the mutants of a module, with those of Cosmic Ray and of `operators.py`."""

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.ast.ast_query import ASTQuery
from cosmic_ray.mutating import mutate_code

from mutants import operators

# Of the comparisons and sums that Cosmic Ray swaps for each other, those that people mix up: the opposite, and the
# one that differs at the edge.
SWAPS = (
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE"),
    *("GtE_Gt", "GtE_Lt", "Add_Sub", "Sub_Add", "Mul_FloorDiv", "FloorDiv_Mul", "Div_Mul", "Mod_FloorDiv"),
    *("BitOr_BitAnd", "BitAnd_BitOr", "Delete_Not", "Delete_USub", "Delete_Invert"),
)
OTHERS = (
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer"),
    *("RemoveDecorator", "ZeroIterationForLoop"),
)
OWN = {
    "CatchNothing": operators.CatchNothing,
    "DropClause": operators.DropClause,
    "DropRaise": operators.DropRaise,
    "DropStatement": operators.DropStatement,
}


@dataclass(frozen=True)
class Mutant:
    """A mistake: where it is, what stood there, what stands there now."""

    key: str  # stays the same while the lines around it change
    path: str
    line: int
    definition: str
    operator: str
    before: str
    after: str
    occurrence: int

    def source(self) -> str:
        found: str = mutate_code(Path(self.path).read_text(), operator_of(self.operator), self.occurrence)
        return found


def operator_of(name: str) -> Any:
    return OWN[name]() if name in OWN else plugins.get_operator(f"core/{name}")()


def operator_names() -> list[str]:
    """Of all that are used."""
    core = (name.removeprefix("core/") for name in plugins.operator_names())
    return [*(name for name in core if name in OTHERS or name.partition("Operator_")[2] in SWAPS), *OWN]


def mutants_of(path: str, names: list[str]) -> Iterator[Mutant]:
    """All that the operators called `names` make of the module at `path`; none of a type, which no test can tell."""
    source = Path(path).read_text()
    nodes = list(ast_nodes(get_ast(source)))
    made = {source}
    seen: Counter[tuple[str, ...]] = Counter()
    for name in names:
        operator = operator_of(name)
        places = ((node, span) for node in nodes for span in operator.mutation_positions(node))
        for occurrence, (node, ((line, _), _)) in enumerate(places):
            mutated = mutate_code(source, operator, occurrence)
            if is_of_no_use(node, name) or mutated in made or not compiles(mutated):
                continue
            made.add(mutated)
            definition = decorated(source, line) if name == "RemoveDecorator" else ASTQuery(node).get_definition_name()
            before, after = difference(source, mutated)
            what = (path, definition or "", name, before, after)
            seen[what] += 1
            key = hashlib.sha256("\n".join((*what, str(seen[what]))).encode()).hexdigest()[:32]
            yield Mutant(key, path, line, definition or "", name, before, after, occurrence)


def decorated(source: str, line: int) -> str:
    """The name of what begins below that line."""
    below = "\n".join(source.splitlines()[line:])
    found = re.search(r"^\s*(?:def|class) (\w+)", below, re.MULTILINE)
    return found[1] if found else ""


def is_of_no_use(node: Any, operator: str) -> bool:
    """Is it a `|` of types, which changes nothing that runs, or a `not` that `AddNot` takes away as well?"""
    if operator.endswith("Delete_Not"):
        return node.parent.type in ("if_stmt", "while_stmt", "test")
    if not operator.endswith("BitOr_BitAnd"):
        return False
    is_annotation = any(parent.type in ("annassign", "tfpdef", "param") for parent in parents(node))
    is_returned = any(parent.type == "funcdef" and parent.annotation in parents(node) for parent in parents(node))
    return is_annotation or is_returned or bool(re.search(r"\b(str|int|bytes|None|type)\b", node.parent.get_code()))


def parents(node: Any) -> Iterator[Any]:
    while node.parent is not None:
        node = node.parent
        yield node


def compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def difference(source: str, mutated: str) -> tuple[str, str]:
    """The lines that differ, as one text each."""
    lines = list(difflib.unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm=""))[3:]
    before = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    return before, " ".join(line[1:].strip() for line in lines if line.startswith("+"))


def check_examples() -> None:
    """Our own operators do what they say."""
    for operator in OWN.values():
        for example in operator.examples():
            mutated = mutate_code(example.pre_mutation_code, operator(), example.occurrence)
            assert mutated == example.post_mutation_code, f"{operator.__name__}: {mutated}"

"""Source code of the package and of its tests, parsed (AST)."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bucketlist

PACKAGE = Path(bucketlist.__file__).parent
TESTS = Path(__file__).parent
ROOMS = tuple(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists() and path.name != "kit")


@dataclass(frozen=True)
class Source:
    """A file of Python; `name` is its path."""

    name: str
    text: str
    tree: ast.Module

    @property
    def parts(self) -> set[str]:
        return set(Path(self.name).parts)

    @property
    def module(self) -> str:
        """Its name below that of the package."""
        return self.name.removesuffix(".py").removesuffix("__init__").rstrip("/").replace("/", ".")

    @property
    def functions(self) -> list[ast.FunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    @property
    def imports(self) -> set[str]:
        """The modules and names that it imports."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        return found

    def is_one_of(self, *stems: str) -> bool:
        """Of a room's files with these names?"""
        path = Path(self.name)
        return path.parent.name in ROOMS and path.stem in stems


@cache
def read_all(folder: Path) -> list[Source]:
    texts = {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.py"))}
    return [Source(name, text, ast.parse(text)) for name, text in texts.items() if "__pycache__" not in name]

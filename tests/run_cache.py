"""Cache of a test run: things that are made once."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, TypeVar

T = TypeVar("T")


class Keeper:
    """They live until the `stack` ends. What depends on a parameter, pytest makes anew in each file by itself."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._things: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], AbstractContextManager[T]]) -> T:
        if name not in self._things:
            self._things[name] = self._stack.enter_context(make())
        thing: T = self._things[name]
        return thing

"""Ideas for an empty bucket: ten short lists shipped as a text file in each language, a heading and one wish a line."""

from functools import cache
from typing import NamedTuple

from bucketlist.web.languages import DEFAULT, FOLDER, language
from bucketlist.web.look import today


class IdeaList(NamedTuple):
    """Ideas for wishes that belong together."""

    title: str
    ideas: tuple[str, ...]


@cache
def read_ideas(spoken: str) -> tuple[IdeaList, ...]:
    """Those in a language; where it has none, in that of the templates."""
    path = FOLDER / f"ideas.{spoken}.txt"
    text = (path if path.exists() else FOLDER / f"ideas.{DEFAULT}.txt").read_text(encoding="utf-8")
    blocks = (block.removeprefix("# ").splitlines() for block in text.strip().split("\n\n"))
    return tuple(IdeaList(title, tuple(ideas)) for title, *ideas in blocks)


def idea_lists() -> tuple[IdeaList, ...]:
    return read_ideas(language())


def some_ideas() -> list[str]:
    """One of each list, others each day."""
    turn = today().toordinal()
    return [one.ideas[turn % len(one.ideas)] for one in idea_lists()]

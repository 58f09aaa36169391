"""Ideas for an empty bucket: short lists shipped as text files, one wish a line, in each language."""

from functools import cache
from pathlib import Path

from bucketlist.web.languages import DEFAULT, FOLDER, language
from bucketlist.web.look import today

SHOWN = 10


@cache
def read_ideas(spoken: str) -> tuple[str, ...]:
    path = FOLDER / f"ideas.{spoken}.txt"
    lines = (path if path.exists() else Path(FOLDER / f"ideas.{DEFAULT}.txt")).read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line)


def some_ideas() -> list[str]:
    """As many as fit, others each day."""
    ideas = read_ideas(language())
    start = today().toordinal() * SHOWN % len(ideas)
    return [*ideas[start:], *ideas[:start]][:SHOWN]

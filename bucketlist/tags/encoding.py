"""Text encoding of an item’s tags: a line for each, so that they are read with the item and replaced by SQL alone.

A line has the tag, a tab and its folded copy, and there is a line break at both ends of the text. No tag has either.
"""

from collections.abc import Iterable, Mapping

from bucketlist.kit.text import fold

LINE, TAB = "\n", "\t"


def join(names: Iterable[str]) -> str | None:
    """The text of these tags, which fold to different texts; None without any."""
    lines = "".join(f"{name}{TAB}{fold(name)}{LINE}" for name in names)
    return LINE + lines if lines else None


def names_of(tags: str | None) -> list[str]:
    """What `join` was given."""
    return [line.partition(TAB)[0] for line in tags[1:-1].split(LINE)] if tags else []


def spellings_of(tags: str | None) -> dict[str, str]:
    """The tags in such a text, by what they fold to."""
    parts = (line.partition(TAB) for line in tags[1:-1].split(LINE)) if tags else ()
    return {folded: name for name, _, folded in parts}


def respell(tags: str | None, known: Mapping[str, str]) -> str | None:
    """`tags`, each as it is spelt in `known`, which has names by what they fold to."""
    return join(known.get(folded, name) for folded, name in spellings_of(tags).items())


def mark_of(name: str) -> str:
    """What stands in the text of every item with this tag."""
    return f"{LINE}{name}{TAB}{fold(name)}{LINE}"

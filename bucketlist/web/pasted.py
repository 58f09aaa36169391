"""Bulk import of a list of lines, a parser: bullets, numbers and boxes are taken off, tags and a time are read."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bucketlist.items.schemas import ItemIn
from bucketlist.kit.text import fold_once
from bucketlist.web.capture import read_line
from bucketlist.web.languages import gettext as _
from bucketlist.web.wish_forms import Mistaken, validate

MOST_LINES = 500
DONE = "xX✓✔☑☒✅"

_bullet = re.compile(r"\s*(?:[-*+•‣▪●◦–—·]|#{1,6}|\(?\d{1,3}[.)])\s+")
_box = re.compile(rf"\s*(?:\[([ {DONE}]?)\]|([☐{DONE[2:]}]))\s*")


@dataclass(frozen=True, slots=True)
class PastedLine:
    """What was read of a line: a wish that can be added, unless there is a `problem`; `twin` says where it is twice."""

    number: int
    name: str
    tags: list[str]
    target: str | None
    wish: ItemIn | None
    problem: str = ""
    twin: str = ""

    @property
    def is_done(self) -> bool:
        return self.wish is not None and self.wish.state == "done"


def read_lines(text: str, today: date, find_names: Callable[[list[str]], set[str]]) -> list[PastedLine]:
    """A wish for each line that is not blank. `find_names` tells which are there already. Raises: `Mistaken`."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        told = _("At most %(most)s lines can be added at a time, and these are %(number)s.")
        raise Mistaken({"lines": told % {"most": MOST_LINES, "number": len(lines)}})
    found = [_read_line(number, line, today) for number, line in enumerate(lines)]
    return _with_twins(found, find_names([one.name for one in found if one.wish]))


def _read_line(number: int, line: str, today: date) -> PastedLine:
    rest, is_done = _without_bullet(line)
    captured = read_line(rest, today)
    state = "done" if is_done else "open"
    try:
        return PastedLine(number, *captured, wish=validate(ItemIn, captured._asdict() | {"state": state}))
    except Mistaken as mistake:
        return PastedLine(number, *captured, wish=None, problem=mistake.sentence)


def _without_bullet(line: str) -> tuple[str, bool]:
    """What is left of a line behind bullets and boxes, and was there a tick? A line that is nothing else stays."""
    rest, is_done = line.strip(), False
    while found := _box.match(rest) or _bullet.match(f"{rest} "):
        after = rest[found.end() :]
        if not after.strip():
            break
        is_done = is_done or (found.re is _box and (found[1] or found[2] or " ") in DONE)
        rest = after
    return rest, is_done


def _with_twins(lines: Iterable[PastedLine], known: set[str]) -> list[PastedLine]:
    told, seen = list[PastedLine](), set[str]()
    for line in lines:
        folded = fold_once(line.name)
        twin = _("It is in this list already.") if line.name in known else ""
        told.append(_with(line, twin=_("It stands here twice.") if folded in seen else twin))
        seen.add(folded)
    return told


def _with(line: PastedLine, **changes: Any) -> PastedLine:
    return PastedLine(line.number, line.name, line.tags, line.target, line.wish, line.problem, **changes)

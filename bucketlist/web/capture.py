"""Quick capture, a parser of one line: of a wish, tags and a time are read: “Swim at midnight #night summer 2027”.

And of what was shared: a title, a text, a link.
"""

import re
from datetime import date
from typing import NamedTuple

from bucketlist.web.fuzzy_words import read_fuzzy

LONGEST_NAME = 500
LONGEST_TIME = 4  # words: “about 14 June 2031”
_link = re.compile(r"https?://[^\s<>\"]+").search
_tag = re.compile(r"(?<!\S)#([^\s#,;]{1,50})")


class Captured(NamedTuple):
    """What was read: the name without tags and time, the tags, the time as EDTF."""

    name: str
    tags: list[str]
    target: str | None


def read_line(line: str, today: date) -> Captured:
    """A line that is nothing but tags and a time stays a name as it was typed."""
    tags = list(dict.fromkeys(found[1] for found in _tag.finditer(line)))
    words = _tag.sub("", line).split()
    name, target = _without_time(words, today)
    if not name:
        return Captured(" ".join(line.split()), [], None)
    return Captured(name, tags, target)


def _without_time(words: list[str], today: date) -> tuple[str, str | None]:
    """The longest end that is a time with a number is one, if a name is left: films of the fifties are not for then."""
    if not any(letter.isdigit() for letter in words[-1:] and words[-1]):
        return " ".join(words), None
    for length in range(min(LONGEST_TIME, len(words) - 1), 0, -1):
        end = words[-length:]
        try:
            target = read_fuzzy(" ".join(end), today)
        except ValueError:
            continue
        if target is not None and not _is_mere_number(end, target, today):
            return " ".join(words[:-length]), target
    return " ".join(words), None


def _is_mere_number(words: list[str], target: str, today: date) -> bool:
    """“Run 1000”, “Read 1984”: a year that a wish cannot mean."""
    return (
        len(words) == 1 and len(target) == 4 and target.isdigit() and not today.year <= int(target) <= today.year + 100
    )


class Shared(NamedTuple):
    """What was shared, as the form of a wish has it."""

    name: str
    notes: str
    links: str


def read_shared(title: str, text: str, url: str) -> Shared:
    """Of what a share sheet or a bookmarklet brings; phones send a link as a text, or within one."""
    found = _link(url) or _link(text)
    link = found[0] if found else ""
    words = text.replace(link, "").strip(" \n:-–") if link else text
    name = title or words.partition("\n")[0]
    return Shared(name[:LONGEST_NAME], words if words != name else "", link)

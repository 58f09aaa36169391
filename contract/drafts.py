"""Random fields of the contract test by a client: what somebody writes of buckets, wishes and entries."""

from itertools import count
from random import Random
from typing import Any

Fields = dict[str, Any]

WORDS = ["swim", "climb", "learn", "see", "write", "plant", "sail", "cook", "build", "sleep", "walk", "forgive"]
PEOPLE = ["Nora", "Ivo", "Ada", "Håkon", "美咲", "نور"]
TAGS = ["sea", "far", "home", "slow", "brave", "north", "food"]
TEXTS = [None, "Why:\n\n*because*", "Für später …", "1. first\n" * 40 + "2. last"]
PLACES = [None, "Lofoten", "東京", "The garden behind the house"]
REASONS = [None, "My knees", "It was somebody else’s wish, *not mine*."]
LINKS = [
    ("https://example.org/a", None),
    ("http://example.com/?q=a&b=%20#c", "When to go"),
    ("HTTPS://example.org", "Ⅱ"),
]
DATES = ["1987~", "1999-04", "2024-02-29", "2025-21", "2026-11-24", "2029-07", "202X", "2031-22", "2031", "203X"]
"""In the order that the conventions give them: by the last day, the shorter first, “about” behind “exactly”."""


class Drafts:
    """Fields by chance, all of a kind at once; each name is another."""

    def __init__(self, chance: Random) -> None:
        self._chance, self._number = chance, count(1)

    def name(self) -> str:
        return f"{self._chance.choice(WORDS).title()} {next(self._number)} ✓"

    def date(self) -> str | None:
        return self._chance.choice([None, *DATES])

    def bucket(self, archived: float = 0) -> Fields:
        is_archived = self._chance.random() < archived
        return {"name": self.name(), "description": self._chance.choice(TEXTS), "archived": is_archived}

    def wish(self) -> Fields:
        dropped, links = self._chance.random() < 0.1, self._chance.sample(LINKS, self._chance.randint(0, 2))
        return {
            "name": self.name(),
            "description": self._chance.choice(TEXTS),
            "state": "dropped" if dropped else self._chance.choice(["open", "doing"]),
            "droppedReason": self._chance.choice(REASONS) if dropped else None,
            "target": self.date(),
            "times": self._chance.choice([1, 1, 2, 3, 100, 100_000]),
            "place": self._chance.choice(PLACES),
            "tags": self._chance.sample(TAGS, self._chance.randint(0, 3)),
            "steps": [{"text": self.name(), "done": at == 0} for at in range(self._chance.randint(0, 2))],
            "links": [{"url": url, "title": title} for url, title in links],
        }

    def entry(self) -> Fields:
        return {
            "completes": self._chance.random() < 0.5,
            "title": self._chance.choice([None, self.name()]),
            "date": self.date(),
            "story": self._chance.choice(
                [*TEXTS, "It *was* so.", "Green, then *everywhere*.\n\n" * 100 + "Then dark."]
            ),
            "people": self._chance.sample(PEOPLE, self._chance.randint(0, 4)),
            "place": self._chance.choice(PLACES),
            "rating": self._chance.choice([None, 1, 2, 3, 4, 5]),
        }

    def some(self, fields: Fields, most: int = 3) -> Fields:
        """A few of them, for a PATCH."""
        return {name: fields[name] for name in self._chance.sample(sorted(fields), self._chance.randint(1, most))}

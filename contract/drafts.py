"""Random fields of the contract test by a client: what somebody writes of wishes and entries."""

from itertools import count
from random import Random
from typing import Any

WORDS = ["swim", "climb", "learn", "see", "write", "plant", "sail", "cook", "build", "sleep", "walk", "forgive"]
TARGETS = [None, "2031", "2031-22", "2029-07", "203X", "1987~", "2030-01-31"]
TAGS = ["sea", "far", "home", "slow", "brave", "north", "food"]


class Drafts:
    """Fields by chance, all of a kind at once; each name is another."""

    def __init__(self, chance: Random) -> None:
        self.chance, self._number = chance, count(1)

    def name(self) -> str:
        return f"{self.chance.choice(WORDS).title()} {next(self._number)} ✓"

    def wish(self) -> dict[str, Any]:
        dropped = self.chance.random() < 0.1
        tags = self.chance.sample(TAGS, self.chance.randint(0, 3))
        return {
            "name": self.name(),
            "description": self.chance.choice([None, "Why:\n\n*because*"]),
            "state": "dropped" if dropped else self.chance.choice(["open", "doing"]),
            "droppedReason": "My knees" if dropped else None,
            "target": self.chance.choice(TARGETS),
            "times": self.chance.choice([1, 1, 3, 100]),
            "place": self.chance.choice([None, "Lofoten"]),
            "tags": tags,
            "steps": [{"text": f"Step {at}", "done": at == 0} for at in range(self.chance.randint(0, 2))],
            "links": [{"url": "https://example.org/a", "title": None}] * self.chance.randint(0, 1),
        }

    def entry(self) -> dict[str, Any]:
        return {
            "completes": self.chance.random() < 0.5,
            "title": self.chance.choice([None, self.name()]),
            "date": self.chance.choice([None, "1987~", "2024-02-29", "202X"]),
            "story": "It *was* so.",
            "people": self.chance.sample(["Nora", "Ivo", "Ada"], 2),
            "place": None,
            "rating": 4,
        }

"""Reads a Containerfile: its stages, each with its steps in their order, and what it promises of the image."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Stage:
    """From one FROM to the next."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, word: str) -> str:
        """What the last step of this kind says; nothing when there is none."""
        return next((rest for name, rest in reversed(self.steps) if name == word), "")

    def words(self, word: str) -> list[str]:
        """The list in JSON that the last step of this kind ends with."""
        words: list[str] = json.loads(self.last(word)[self.last(word).index("[") :])
        return words

    def pairs(self, word: str) -> dict[str, str]:
        """NAME=value, of all steps of this kind together."""
        texts = [pair for name, rest in self.steps if name == word for pair in shlex.split(rest)]
        return dict(text.split("=", 1) for text in texts)


def read_stages(text: str) -> list[Stage]:
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    stages: list[Stage] = []
    for line in filter(str.strip, lines):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            stages.append(Stage(rest))
        else:
            stages[-1].steps.append((word, rest.strip()))
    return stages


BUILD, IMAGE = read_stages((ROOT / "Containerfile").read_text())

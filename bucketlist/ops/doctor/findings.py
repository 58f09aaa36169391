"""Diagnostics report: how grave each finding is, what it is about, and what to do in a sentence."""

from typing import Literal, NamedTuple

Level = Literal["ok", "warning", "problem"]


class Finding(NamedTuple):
    level: Level
    about: str
    told: str


def fine(about: str, told: str) -> Finding:
    return Finding("ok", about, told)


def odd(about: str, told: str) -> Finding:
    """A warning: it works; somebody should have a look."""
    return Finding("warning", about, told)


def wrong(about: str, told: str) -> Finding:
    """An error: it does not work, or will not, or is not safe."""
    return Finding("problem", about, told)

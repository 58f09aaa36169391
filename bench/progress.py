"""Progress of a benchmark: what the person who waits is told, beside the tables on standard output."""

import sys


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

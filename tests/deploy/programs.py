"""Executables of servers on this machine: Debian puts them into a folder that is on the path of root only."""

import os
import shutil

import pytest

PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def find_program(name: str) -> str:
    """Its path, or nothing when this machine does not have it."""
    return shutil.which(name, path=PLACES) or ""


def needs(program: str) -> pytest.MarkDecorator:
    """Skips a test, with a sentence, where there is no such program."""
    return pytest.mark.skipif(not find_program(program), reason=f"This machine has no {program}.")

"""The standard streams of a process that was started with some of them closed, as `2>&-` does.

Else the next file or connection to be opened gets the number of the missing one, and whatever is printed or logged is
written into it: into a database, at worst.

Source: open(2), “the lowest-numbered file descriptor”; stdio(3); POSIX on execve and closed standard streams.
"""

import os
import sys
from pathlib import Path


def fill_closed_streams() -> None:
    """Lead each that is closed to /dev/null, for the children of this process as well."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # until the process ends

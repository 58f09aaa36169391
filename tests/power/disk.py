"""Power failure of a disk: a preload library keeps what was synced, and the rest is thrown away."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest

SOURCE = Path(__file__).with_name("keep_synced.c")
SECTOR = 512  # bytes, which a disk writes as a whole or not at all
FLAGS = ("-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror")
NEEDED = "The simulated power cut takes Linux and a C compiler that is called cc."


@cache
def library() -> Path:
    """The preload library, compiled once a process. Without a compiler the test is skipped, but never in CI."""
    if not sys.platform.startswith("linux") or not shutil.which("cc"):
        if "CI" in os.environ:
            pytest.fail(NEEDED)
        pytest.skip(NEEDED)
    built = Path(mkdtemp(prefix="bucketlist-disk-")) / "keep_synced.so"
    subprocess.run(["cc", *FLAGS, "-o", built, SOURCE, "-ldl", "-pthread"], check=True)
    return built


class Disk:
    """The folder `live`, of whose files there is a copy of what was synced."""

    def __init__(self, live: Path, synced: Path) -> None:
        self.live = live
        self.synced = synced
        shutil.copytree(live, synced)  # all that is there already was synced long ago

    @property
    def environment(self) -> dict[str, str]:
        """That of processes whose files are on this disk."""
        return {"LD_PRELOAD": str(library()), "LIVE": str(self.live.resolve()), "SYNCED": str(self.synced.resolve())}

    def cut_power(self, database: str, torn: Random | None = None) -> None:
        """Nobody runs any more. What was not synced is lost; or, when `torn`, each sector of it as chance has it."""
        for name in (database, f"{database}-wal"):
            content = read(self.synced / name)
            if torn:
                content = tear(content, read(self.live / name), torn)
            for folder in (self.live, self.synced):
                if content:
                    (folder / name).write_bytes(content)
                else:
                    (folder / name).unlink(missing_ok=True)
        (self.live / f"{database}-shm").unlink(missing_ok=True)  # it is memory


def read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def tear(synced: bytes, written: bytes, chance: Random) -> bytes:
    """Each sector from one of both, and of a length between theirs: a file does not get shorter by being written to."""
    length = chance.randint(len(synced), max(len(synced), len(written)))
    parts = []
    for place in range(0, length, SECTOR):
        source = chance.choice((synced, written))
        parts.append(source[place : place + SECTOR].ljust(SECTOR, b"\0"))
    return b"".join(parts)[:length]

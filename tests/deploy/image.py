"""Does what the Containerfile says, step by step, in another root, and runs what comes of it as a container engine.

The base of the first stage is this machine: its files, with changes kept apart from them (overlayfs). The second stage
begins with nothing. An image runs as process 1, as any account, without HOME, on a root that cannot be written.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.concurrency import wait_until
from tests.deploy.containerfile import BUILD, IMAGE, ROOT
from tests.patience import LONG
from tests.processes import children_of
from tests.servers import SECRET, LiveServer, free_port, wait_until_ready

NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-e", "-c")
OVERLAY = """
PATH="$PATH:/usr/sbin:/sbin"  # chroot is there, where the path of some does not lead
mkdir "$1/overlay" "$1/root"
mount -t tmpfs -o mode=755 tmpfs "$1/overlay"
mkdir "$1/overlay/upper" "$1/overlay/work" "$1/overlay/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/overlay/upper,workdir=$1/overlay/work" overlay "$1/overlay/root"
for place in /proc /dev "$1" ${3:-}; do mount --rbind $place "$1/overlay/root$place"; done
exec chroot "$1/overlay/root" /bin/sh -e -c "$2"
"""
CONTAINER = """
mount --bind "$1" "$1"
mkdir -p "$1/proc" "$1/dev"
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for name in null zero random urandom; do touch "$1/dev/$name"; mount --bind /dev/$name "$1/dev/$name"; done
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount --bind "$2" "$1/data"
mount -o remount,bind,ro "$1"
exec "$3" -I -S -c "$4" "$5"
"""
BECOME = """
import json, os, sys
root, folder, account, settings, words = json.loads(sys.argv[1])
os.chroot(root)
os.chdir(folder)
os.setgroups([])
os.setgid(account)
os.setuid(account)
os.execvpe(words[0], words, settings)
"""


def why_not() -> str:
    """Why there can be no other root here; nothing when there can."""
    if os.geteuid() != 0:
        return "Only root may make another root here."
    with TemporaryDirectory() as folder:
        command = [*NAMESPACES, OVERLAY, "sh", folder, "true"]
        try:
            subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            return f"There can be no other root here: {getattr(error, 'stderr', None) or error}".strip()
    return ""


def script_of(folder: Path) -> str:
    """The steps of the first stage as a shell script, and last what the second stage copies, put into `folder`."""
    lines = [f'export PATH="{sys.base_prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin"']
    for word, rest in BUILD.steps:
        match word:
            case "ENV":
                lines.append(f"export {rest}")
            case "WORKDIR":
                lines.append(f"mkdir -p {rest}; cd {rest}")
            case "COPY":
                *sources, target = rest.split()
                lines += [copied(source, target) for source in sources]
            case "RUN":
                lines.append(rest)
            case _:
                raise AssertionError(f"Nobody knows how to do {word}.")
    *_, source, target = IMAGE.last("COPY").split()
    assert (IMAGE.base, target) == ("scratch", "/")
    return "\n".join([*lines, f"cp -a {source}. {folder}/root/"])


def copied(source: str, target: str) -> str:
    """COPY gives the content of a folder, or a file."""
    path = ROOT / source
    folder = target if path.is_dir() or target.endswith("/") else "."
    return f"mkdir -p {folder}; cp -r {path}{'/.' if path.is_dir() else ''} {target}"


def build_image(folder: Path) -> Path:
    """The root file system of the image."""
    script = script_of(folder)
    command = [*NAMESPACES, OVERLAY, "sh", str(folder), script]
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    told = subprocess.run(command, env=theirs, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return folder / "root"


class Container:
    """What runs of an image: `account` is the number of its user and of its group, `data` its volume."""

    def __init__(self, root: Path, data: Path, account: int, **settings: str) -> None:
        self.root, self.data, self.account, self.port = root, data, account, free_port()
        self.settings = IMAGE.pairs("ENV") | {"SECRET_KEY": SECRET, "PORT": str(self.port)} | settings

    def command(self, *words: str) -> list[str]:
        told = json.dumps([str(self.root), IMAGE.last("WORKDIR"), self.account, self.settings, words])
        return [*NAMESPACES, CONTAINER, "sh", str(self.root), str(self.data), sys.executable, BECOME, told]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another process beside the image's own."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=LONG, check=False)

    @contextmanager
    def serve(self) -> Iterator[LiveServer]:
        """The image’s own command, until it is told to stop; it has to end well."""
        with (self.root.parent / "log").open("ab") as log:
            command = self.command(*IMAGE.words("ENTRYPOINT"), *IMAGE.words("CMD"))
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        server = LiveServer(f"http://127.0.0.1:{self.port}", self.port, self.root.parent, process)
        try:
            wait_until_ready(server)
            yield server
        finally:
            wait_until(lambda: process.poll() is not None or bool(children_of(process.pid)))
            for first in children_of(process.pid):
                os.kill(first, signal.Signals[IMAGE.last("STOPSIGNAL")])
            ended = process.wait(timeout=LONG)
        assert ended == 0, server.log

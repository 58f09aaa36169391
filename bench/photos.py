"""Benchmark of photos: thumbnails a second on a core, and the memory of the worker while large files come and go."""

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from json import loads
from threading import Event, Thread

from PIL import Image

from bench import seed
from bench.lab import Lab
from bench.process import memory_bytes, worker_of
from bench.progress import say
from bench.servers import OURS, Running
from bench.world import World

SIZE = (4000, 3000)  # of a photo of a telephone, twelve megapixels
MIB = 2**20
LARGEST = 25 * MIB
BOUNDARY = "between-the-parts"
WARM_UP = 3  # large photos, and as many downloads
LARGE = 5
SAMPLE_SECONDS = 0.005


@dataclass(frozen=True)
class Photos:
    """Photos a second on the core of the server, and by how many bytes the worker grew; its child is not counted."""

    per_second: float
    grown_in: int
    grown_out: int


class Sender:
    """Somebody who uploads photos to an item of theirs, and downloads them."""

    def __init__(self, running: Running, token: str, path: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", running.port, timeout=120)
        self._path = path
        self._headers = {"Authorization": f"Bearer {token}"}

    def upload(self, picture: bytes) -> str:
        """The path of the photo."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
        form = head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
        media_type = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        self._connection.request("POST", self._path, form, self._headers | media_type)
        return f"/v1/photos/{loads(self._answer(201).read())['id']}"

    def download(self, path: str) -> None:
        self._connection.request("GET", f"{path}/original", headers=self._headers)
        response = self._answer(200)
        while response.read(MIB):
            pass

    def delete(self, path: str) -> None:
        self._connection.request("DELETE", path, headers=self._headers)
        self._answer(204).read()

    def _answer(self, status: int) -> HTTPResponse:
        response = self._connection.getresponse()
        if response.status != status:
            raise RuntimeError(f"{response.status} in the place of {status}: {response.read()[:500]!r}")
        return response


def measure(lab: Lab, world: World) -> Photos:
    """One after the other, by one person; what they leave is removed."""
    seed.prepare(lab.postgres, world)
    user = world.users - 1
    item = world.item(user * (world.items // world.users))
    with lab.start(OURS, world) as running:
        sender = Sender(running, lab.tokens(world)[user], f"/v1/items/{item.id}/photos")
        say("Photos: thumbnails …")
        per_second = _rate(sender, lab.seconds * lab.rounds)
        say("Photos: memory …")
        grown_in, grown_out = _growth(sender, worker_of(running.process.pid))
    return Photos(per_second, grown_in, grown_out)


def _rate(sender: Sender, seconds: float) -> float:
    picture = _picture()
    paths = [sender.upload(picture)]
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        paths.append(sender.upload(picture))
    found = (len(paths) - 1) / (time.perf_counter() - began)
    for path in paths:
        sender.delete(path)
    return found


def _growth(sender: Sender, worker: int) -> tuple[int, int]:
    """While the largest photos come, and while they go, behind some that have warmed it up."""
    small = _picture((640, 480))
    large = small + os.urandom(LARGEST - len(small))
    paths = [sender.upload(large) for _ in range(WARM_UP)]
    for path in paths:
        sender.download(path)
    grown_in = _grown(worker, lambda: paths.extend(sender.upload(large) for _ in range(LARGE)))
    grown_out = _grown(worker, lambda: list(map(sender.download, paths)))
    for path in paths:
        sender.delete(path)
    return grown_in, grown_out


def _grown(worker: int, work: Callable[[], object]) -> int:
    """By how much its memory was ever more than before."""
    before, seen = memory_bytes(worker), [0]
    with _watched(worker, seen):
        work()
    return max(max(seen) - before, 0)


@contextmanager
def _watched(worker: int, seen: list[int]) -> Iterator[None]:
    is_over = Event()

    def watch() -> None:
        while not is_over.wait(SAMPLE_SECONDS):
            seen.append(memory_bytes(worker))

    watching = Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()


def _picture(size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG with as much in it as a photo has."""
    out = io.BytesIO()
    Image.effect_noise((size[0] // 8, size[1] // 8), 60).resize(size).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()

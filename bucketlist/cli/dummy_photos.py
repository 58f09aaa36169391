"""Dummy photos (seed data): landscapes that are drawn, small files, some with the moment at which they were taken."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from random import Random
from typing import IO, NamedTuple

from PIL import ExifTags, Image, ImageDraw

from bucketlist.auth.actor import Actor
from bucketlist.cli.dummy_stories import YEARS
from bucketlist.kit.images.derive import derive
from bucketlist.kit.images.reader import Picture
from bucketlist.kit.uploads import UploadedFile
from bucketlist.limits.errors import LimitReached, StorageFull
from bucketlist.photos import service
from bucketlist.photos.parents import Parent

SIZES = ((640, 480), (640, 480), (480, 640), (640, 360))
SKIES = (((28, 38, 82), (222, 120, 90)), ((108, 168, 220), (226, 238, 246)), ((12, 16, 40), (24, 92, 84)))
GROUNDS = ((46, 74, 50), (92, 80, 62), (38, 58, 92), (206, 214, 222))
HILLS = 3
ONE_IN = 4  # things have photos
MOST_OF_ONE = 3
CAPTIONS = (
    None,
    None,
    "At two in the morning",
    "Kurz bevor es zu regnen begann",
    "Nos quedamos hasta el final",
    "Το πρωί μετά",
    "Мы вдвоём, снимал прохожий",
    "着いた。",
    "هنا جلسنا",
)


class Album:
    """Draws the photos of one person, `left` of them at most, from a seed of their own."""

    def __init__(self, seed: str, left: int, begun: ExitStack) -> None:
        """`begun` ends behind the transaction: until then nobody knows whether their files are to be kept."""
        self._random = Random(seed)  # noqa: S311  # has to be the same each time
        self._left = left
        self._begun = begun

    def fill(self, actor: Actor, parent: Parent) -> None:
        """None mostly, or a few; and no more once the account has no room for them."""
        with suppress(LimitReached, StorageFull):
            for drawn in self._draw_some():
                file = UploadedFile(io.BytesIO())
                file.write(drawn.data)
                stored = service.stored(actor, parent, file, drawn.caption, read=drawn.read)
                service.add_photo(actor, self._begun.enter_context(stored))

    def _draw_some(self) -> Iterator["Drawn"]:
        if self._random.randrange(ONE_IN):
            return
        for _ in range(min(self._random.randint(1, MOST_OF_ONE), self._left)):
            self._left -= 1
            yield draw(self._random)


class Drawn(NamedTuple):
    """A photo as it would be sent, and what is to be read of it: it is ours, so that no other process has to."""

    data: bytes
    picture: Picture
    caption: str | None

    def read(self, _: IO[bytes]) -> Picture:
        return self.picture


def draw(random: Random) -> Drawn:
    """Sky, sun, and hills that are darker the nearer they are."""
    width, height = random.choice(SIZES)
    image = _sky(random, width, height)
    pencil = ImageDraw.Draw(image)
    x, y, radius = random.randrange(width), random.randrange(height // 2), random.randint(height // 20, height // 9)
    pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(250, 236, 200))
    ground = random.choice(GROUNDS)
    for near in range(1, HILLS + 1):
        colour = tuple(int(part * (1.3 - 0.3 * near)) for part in ground)
        top = height // 2 + near * height // (2 * HILLS + 2)
        steps = range(0, width + 81, 80)
        ridge = [(step, top + random.randint(-height // 12, height // 12)) for step in steps]
        pencil.polygon([(0, height), *ridge, (width, height)], fill=colour)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70, exif=_exif(random))
    told, preview, thumbnail = derive(out)
    return Drawn(out.getvalue(), Picture(**told, preview=preview, thumbnail=thumbnail), random.choice(CAPTIONS))


def _sky(random: Random, width: int, height: int) -> Image.Image:
    above, below = random.choice(SKIES)
    shade = Image.linear_gradient("L").resize((width, height))
    return Image.composite(Image.new("RGB", shade.size, below), Image.new("RGB", shade.size, above), shade)


def _exif(random: Random) -> Image.Exif:
    """With a moment of the life of whoever took it; old cameras have none."""
    exif = Image.Exif()
    if random.random() < 0.7:
        day = f"{random.choice(YEARS)}:{random.randint(1, 12):02}:{random.randint(1, 28):02}"
        moment = f"{day} {random.randint(6, 22):02}:{random.randint(0, 59):02}:{random.randint(0, 59):02}"
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = moment
    return exif

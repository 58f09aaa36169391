"""View models of photos: their sizes on a page, what they say of their time, and how much room they take."""

from dataclasses import dataclass

from babel.units import format_unit

from bucketlist.kit.db.driver import Row
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.photos.schemas import PhotoOut
from bucketlist.web.fuzzy_words import say_fuzzy
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import locale

THUMBNAIL, PREVIEW = 320, 1600  # pixels, of the longer side
DAY_LENGTH = len("2031-02-14")
UNITS = ((1024**3, "digital-gigabyte"), (1024**2, "digital-megabyte"), (1024, "digital-kilobyte"))


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo of a wish, or of an entry of its story."""

    id: str
    item_id: str
    entry_id: str | None
    caption: str | None
    media_type: str
    bytes: int
    width: int
    height: int
    taken_at: str | None
    position: int
    created_at: str
    etag: str = ""

    @property
    def thumbnail(self) -> tuple[int, int]:
        return self._within(THUMBNAIL)

    @property
    def preview(self) -> tuple[int, int]:
        return self._within(PREVIEW)

    def _within(self, longest: int) -> tuple[int, int]:
        """Width and height, as `kit/images/derive.py` makes them."""
        share = min(1.0, longest / max(self.width, self.height))
        return max(1, round(self.width * share)), max(1, round(self.height * share))

    @property
    def day(self) -> str:
        """The day on which it was taken, as a fuzzy date; nothing when it does not say."""
        return (self.taken_at or "")[:DAY_LENGTH]

    @property
    def taken(self) -> str:
        return say_fuzzy(self.day) if self.day else ""

    @property
    def alt(self) -> str:
        """What it shows, as far as anybody has said."""
        return self.caption or (_("Photo of %(day)s") % {"day": self.taken} if self.day else _("A photo"))

    @property
    def size(self) -> str:
        return say_size(self.bytes)


def photo_view(row: Row, etag: str = "") -> PhotoView:
    photo = PhotoOut.to_json_object(row)
    return PhotoView(
        id=photo["id"],
        item_id=photo["itemId"],
        entry_id=photo["entryId"],
        caption=photo["caption"],
        media_type=photo["mediaType"],
        bytes=photo["bytes"],
        width=photo["width"],
        height=photo["height"],
        taken_at=photo["takenAt"],
        position=photo["position"],
        created_at=photo["createdAt"],
        etag=etag,
    )


def offered_day(date: str | None, photos: tuple[PhotoView, ...]) -> str:
    """The day that photos say, for an entry that has no date or another one; nothing when they agree with it."""
    day = next((photo.day for photo in photos if photo.day), "")
    try:
        said = FuzzyDate.parse(day)
    except ValueError:  # a camera whose clock was never set
        return ""
    written = FuzzyDate.parse(date) if date else None
    return "" if written and written.first <= said.first <= written.last else day


def say_size(count: int) -> str:
    """Bytes in a unit that people know."""
    factor, unit = next((one for one in UNITS if count >= one[0]), UNITS[-1])
    return format_unit(round(count / factor, 1), unit, length="short", locale=locale())

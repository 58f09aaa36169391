"""View models of pages: lists and wishes, as templates show them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from babel.numbers import format_decimal

from bucketlist.buckets.schemas import BucketOut
from bucketlist.items.schemas import ItemOut
from bucketlist.kit.db.driver import Row
from bucketlist.web.fuzzy_words import say_fuzzy, say_when
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import locale
from bucketlist.web.markdown import first_line
from bucketlist.web.words_of_time import machine_date

HUES = ("lake", "moss", "amber", "coral", "sky", "heather", "slate", "rose")
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class ListView:
    """A list (a bucket of the API): its name, and how full it is."""

    id: str
    name: str
    description: str | None
    is_archived: bool
    item_count: int
    done_count: int
    etag: str

    @property
    def hue(self) -> str:
        """Its colour, the same for as long as it lives."""
        return HUES[int(self.id[-2:], 16) % len(HUES)]

    @property
    def level(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.done_count / self.item_count if self.item_count else 0.0


@dataclass(frozen=True, slots=True)
class WishView:
    """A wish (an item of the API), with its time in words."""

    id: str
    list_id: str
    name: str
    notes: str | None
    state: str
    dropped_reason: str | None
    target: str | None
    times: int
    times_done: int
    place: str | None
    tags: list[str]
    steps: list[dict[str, Any]]
    links: list[dict[str, Any]]
    created_at: str
    modified_at: str
    etag: str

    @property
    def when(self) -> str:
        return say_fuzzy(self.target) if self.target else ""

    @property
    def when_told(self) -> str:
        return say_when(self.target)

    @property
    def machine_date(self) -> str:
        return machine_date(self.target)

    @property
    def is_counted(self) -> bool:
        """Does one tap on it mean once more, rather than done?"""
        return self.times > 1 and self.state != "done"

    @property
    def is_untold(self) -> bool:
        """Is it done, and no entry says so?"""
        return self.state == "done" and not self.times_done

    @property
    def steps_done(self) -> int:
        return sum(step["done"] for step in self.steps)

    @property
    def line(self) -> str:
        return first_line(self.dropped_reason if self.state == "dropped" else self.notes)

    @property
    def state_word(self) -> str:
        return state_words()[self.state]


class Group(NamedTuple):
    """Wishes under a heading; how many there are in all, in `total`; the cursors of the pages beside."""

    key: str
    title: str
    wishes: list[WishView]
    total: int
    next: str | None = None
    previous: str | None = None


def state_words() -> dict[str, str]:
    return {"open": _("someday"), "doing": _("under way"), "done": _("done"), "dropped": _("let go")}


def list_view(row: Row, etag: str = "") -> ListView:
    bucket = BucketOut.to_json_object(row)
    return ListView(
        bucket["id"],
        bucket["name"],
        bucket["description"],
        bucket["archived"],
        bucket["itemCount"],
        bucket["doneCount"],
        etag,
    )


def wish_view(row: Row, etag: str = "") -> WishView:
    item = ItemOut.to_json_object(row)
    return WishView(
        id=item["id"],
        list_id=item["bucketId"],
        name=item["name"],
        notes=item["description"],
        state=item["state"],
        dropped_reason=item["droppedReason"],
        target=item["target"],
        times=item["times"],
        times_done=item["timesDone"],
        place=item["place"],
        tags=item["tags"],
        steps=item["steps"],
        links=item["links"],
        created_at=item["createdAt"],
        modified_at=item["modifiedAt"],
        etag=etag,
    )


def number(value: int) -> str:
    """With separators as the language has them; what is only counted up to a bound says so."""
    text = format_decimal(value, locale=locale())
    return f"{text}+" if value >= MOST_COUNTED else text

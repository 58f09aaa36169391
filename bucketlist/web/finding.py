"""Web queries: lists and wishes for pages, by the services of the API."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bucketlist.auth.actor import Actor
from bucketlist.buckets import service as buckets
from bucketlist.buckets.schemas import BucketQuery
from bucketlist.entries import service as entries
from bucketlist.items import service as items
from bucketlist.items.schemas import ItemQuery
from bucketlist.kit.errors import Invalid, NotFound
from bucketlist.kit.paging import Page, PageQuery
from bucketlist.photos import service as photos
from bucketlist.photos.parents import Parent
from bucketlist.photos.schemas import PhotoQuery
from bucketlist.web.languages import gettext as _
from bucketlist.web.pictures import PhotoView, photo_view
from bucketlist.web.stories import EntryView, Story, entry_view
from bucketlist.web.wishes import Group, ListView, WishView, list_view, wish_view

MOST_LISTS = 100
MOST_SHOWN = 100  # of a group, before there is a page of its own
MOST_TOGETHER, FEW_OF_EACH = 60, 25  # of a list, and of each group where there are more: a page is 60 kB at most
FEW = 20

GROUPS: dict[str, dict[str, Any]] = {  # of a list, in their order: what the API is asked for
    "doing": {"state": ["doing"]},
    "dated": {"state": ["open"], "targeted": "true", "sort": "target"},
    "someday": {"state": ["open"], "targeted": "false"},
    "done": {"state": ["done"], "sort": "-modifiedAt"},
    "dropped": {"state": ["dropped"], "sort": "-modifiedAt"},
}


BY_HAND = ("doing", "someday")  # groups without another order


def group_titles() -> dict[str, str]:
    return {
        "doing": _("Under way"),
        "dated": _("With a date"),
        "someday": _("Someday"),
        "done": _("Done"),
        "dropped": _("Let go"),
    }


def find_lists(person: Actor, *, archived: str = "false") -> list[ListView]:
    """All lists in their order, up to so many as fit on a page."""
    query = BucketQuery.model_validate({"limit": str(MOST_LISTS), "archived": archived})
    return [list_view(row) for row in buckets.list_buckets(person, query).rows]


def find_wishes(person: Actor, list_id: str | None = None, **filters: Any) -> Page:
    return items.list_items(person, list_id, ItemQuery.model_validate(filters))


def wishes_on(page: Page) -> list[WishView]:
    return [wish_view(row) for row in page.rows]


def find_groups(
    person: Actor, list_id: str, shown: Iterable[str], cursor: str | None = None, most: int = MOST_SHOWN
) -> list[Group]:
    """The groups of a list, each counted; those that are `shown` with `most` of their wishes, from the `cursor` on."""
    wanted = set(shown)
    found = []
    for key, filters in GROUPS.items():
        is_shown = key in wanted
        page = _page_of(person, list_id, filters, most if is_shown else 1, cursor if is_shown else None)
        wishes = wishes_on(page) if is_shown else []
        found.append(Group(key, group_titles()[key], wishes, page.count, page.next_cursor, page.previous_cursor))
    return found


def find_sorted(person: Actor, list_id: str, show: str, cursor: str | None) -> list[Group]:
    """The groups of a list that are sorted by hand; with `show`, one of them, from the `cursor` on."""
    found = []
    for key in BY_HAND:
        if show in BY_HAND and show != key:
            continue
        page = _page_of(person, list_id, GROUPS[key], MOST_SHOWN, cursor if show == key else None)
        titled = group_titles()[key]
        found.append(Group(key, titled, wishes_on(page), page.count, page.next_cursor, page.previous_cursor))
    return found


def _page_of(person: Actor, list_id: str, filters: dict[str, Any], most: int, cursor: str | None) -> Page:
    more = {"cursor": cursor} if cursor else {}
    return find_wishes(person, list_id, limit=str(most), **filters, **more)


def find_wish(person: Actor, wish_id: str) -> WishView:
    """Raises: `Unauthorized`, `NotFound`."""
    item = items.get_item(person, wish_id)
    return wish_view(item, items.etag_of(item))


def find_list(person: Actor, list_id: str) -> ListView:
    """Raises: `Unauthorized`, `NotFound`."""
    bucket = buckets.get_bucket(person, list_id)
    return list_view(bucket, buckets.etag_of(bucket))


def find_entry(person: Actor, entry_id: str) -> EntryView:
    """Without its photos. Raises: `Unauthorized`, `NotFound`."""
    entry = entries.get_entry(person, entry_id)
    return entry_view(entry, entries.etag_of(entry))


def find_story(person: Actor, wish: WishView, cursor: str | None = None, number: str = "") -> Story:
    """A page of the entries of a wish, the newest; `number` is that of the first that completes it.

    Raises: `Unauthorized`, `NotFound`.
    """
    asked = {"limit": str(MOST_SHOWN)} | ({"cursor": cursor} if cursor else {})
    try:
        found = entries.list_item_entries(person, wish.id, PageQuery.model_validate(asked))
    except Invalid:  # a cursor of another list
        raise NotFound from None
    first = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0
    told = with_photos(person, [entry_view(row) for row in found.rows])
    return Story(told, found.count, found.next_cursor, first or wish.times_done)


def with_photos(person: Actor, told: list[EntryView]) -> list[EntryView]:
    """Entries with their photos, in one statement; none if there are none."""
    found = photos.photos_of_entries(person, [entry.id for entry in told if entry.photo_count])
    return [replace(entry, photos=tuple(map(photo_view, found.get(entry.id, ())))) for entry in told]


def find_photos(person: Actor, parent: Parent) -> list[PhotoView]:
    """Those of a wish itself or of an entry, up to so many as are shown. Raises: `Unauthorized`, `NotFound`."""
    query = PhotoQuery.model_validate({"limit": str(MOST_SHOWN)})
    return [photo_view(row) for row in photos.list_photos(person, parent, query).rows]


def find_photo(person: Actor, photo_id: str) -> PhotoView:
    """Raises: `Unauthorized`, `NotFound`."""
    photo = photos.get_photo(person, photo_id)
    return photo_view(photo, photos.etag_of(photo))

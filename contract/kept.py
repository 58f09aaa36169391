"""Model of a life for the contract test: what a client has sent, and what follows from it by the document."""

from collections.abc import Iterable, Sequence
from typing import Any

from contract.drafts import DATES
from contract.fuzzing import Broken
from contract.past import Past, Thing

LISTS = {
    "buckets": "/v1/buckets?archived=any&limit=100",
    "items": "/v1/items?archived=any&limit=100",
    "entries": "/v1/entries?limit=100",
    "photos": "/v1/photos?limit=100",
}
PARENTS = {"items": ("bucketId", "buckets"), "entries": ("itemId", "items"), "photos": ("itemId", "items")}
KINDS = {"buckets": "bucket", "items": "item", "entries": "entry", "photos": "photo"}
TITLES = {"buckets": "name", "items": "name", "entries": "title", "photos": "caption"}
BY_SERVER = ("createdAt", "position")  # and kept as it was told
Part = tuple[str, Thing]


class Kept:
    """Things by kind and id, and in the trash by the id of what was deleted, each with all that went with it."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in LISTS}
        self.past, self._trash = Past(), dict[str, list[Part]]()

    def add(self, kind: str, made: Thing, sent: Thing) -> None:
        """Something new, which comes last."""
        thing = {"id": made["id"]} | sent | {name: made[name] for name in BY_SERVER if name in made}
        self._check_last(kind, thing)
        self.things[kind][made["id"]] = thing
        if kind == "items":
            self.past.create(thing)

    def change(self, kind: str, made: Thing, fields: Thing) -> None:
        """What was there already; in another bucket it comes last."""
        before = self.things[kind][made["id"]]
        after = before | fields
        if kind == "items" and after["bucketId"] != before["bucketId"]:
            after["position"] = made["position"]
            self._check_last(kind, after)
        self.things[kind][made["id"]] = after
        if kind == "items":
            after["droppedReason"] = after["droppedReason"] if after["state"] == "dropped" else None
            self.past.change(before, after, made["modifiedAt"])

    def _check_last(self, kind: str, thing: Thing) -> None:
        if "position" not in thing:
            return
        others = [each for each in self._everything(kind) if each["id"] != thing["id"]]
        if any(_list_of(kind, one) == _list_of(kind, thing) and one["position"] >= thing["position"] for one in others):
            raise Broken(f"A new one of {kind} does not come last: {thing}")

    def _everything(self, kind: str) -> list[Thing]:
        """What is in the trash as well."""
        gone = [thing for parts in self._trash.values() for of, thing in parts if of == kind]
        return [*self.things[kind].values(), *gone]

    def add_entry(self, made: Thing, sent: Thing, *, keeps_state: bool) -> None:
        self.add("entries", made, sent)
        self._count(sent["itemId"], int(sent["completes"]), keeps_state=keeps_state)

    def change_entry(self, made: Thing, sent: Thing) -> None:
        before = self.things["entries"][made["id"]]
        self.change("entries", made, sent)
        times = self.things["entries"][made["id"]]["completes"] - before["completes"]
        self._count(before["itemId"], times, keeps_state=False)

    def _count(self, item_id: str, times: int, *, keeps_state: bool) -> None:
        """The entry with which an item is done as often as it wants to be makes it done."""
        before = self.things["items"][item_id]
        after = before | {"timesDone": before["timesDone"] + times}
        if before["timesDone"] < before["times"] <= after["timesDone"] and not keeps_state:
            after |= {"state": "done", "droppedReason": None}
        self.things["items"][item_id] = after
        self.past.change(before, after)

    def order(self, kind: str, ids: Sequence[str]) -> None:
        """They are numbered anew; what has its number already has not changed."""
        moved = [thing_id for place, thing_id in enumerate(ids, 1) if self.things[kind][thing_id]["position"] != place]
        for place, thing_id in enumerate(ids, 1):
            self.things[kind][thing_id]["position"] = place
        if kind == "items":
            self.past.change_many(moved)

    def in_list(self, kind: str, of: Thing) -> list[str]:
        """Ids of those that are sorted by hand with this one."""
        found = [each for each in self.things[kind].values() if _list_of(kind, each) == _list_of(kind, of)]
        return [each["id"] for each in sorted(found, key=_by_position)]

    def rename_tag(self, old: str, new: str) -> None:
        """In all items that have it, those in the trash too; without a new name it goes."""
        having = [item for item in self._everything("items") if old in item["tags"]]
        for item in having:
            gone = not new or new in item["tags"]
            item["tags"] = [new if tag == old else tag for tag in item["tags"] if tag != old or not gone]
        self.past.change_many(item["id"] for item in having)

    def put_in_trash(self, kind: str, thing_id: str) -> None:
        parts = self._with_parts(kind, thing_id)
        for of_kind, thing in parts:
            del self.things[of_kind][thing["id"]]
        self._trash[thing_id] = parts
        self._note("deleted", parts[0])

    def _note(self, action: str, part: Part) -> None:
        """An item has it in its history; of an entry, what it counts for."""
        kind, thing = part
        if kind == "items":
            self.past.note(action, thing["id"])
        if kind == "entries" and thing["completes"]:
            self._count(thing["itemId"], 1 if action == "restored" else -1, keeps_state=True)

    def _with_parts(self, kind: str, thing_id: str) -> list[Part]:
        found = [(kind, self.things[kind][thing_id])]
        for of_kind, (of_parent, parents) in PARENTS.items():
            field = "entryId" if (kind, of_kind) == ("entries", "photos") else of_parent
            if parents == kind or field == "entryId":
                held = [thing for thing in self.things[of_kind].values() if thing[field] == thing_id]
                found += [part for thing in held for part in self._with_parts(of_kind, thing["id"])]
        return list({(of_kind, thing["id"]): (of_kind, thing) for of_kind, thing in found}.values())

    def missing_parent(self, thing_id: str) -> str:
        """The id of what has to come back first, or nothing: of what it is in, the nearest that was deleted."""
        kind, thing = self._trash[thing_id][0]
        return next((one for one in self._above(kind, thing) if one in self._trash), "")

    def _above(self, kind: str, thing: Thing) -> list[str]:
        """Ids of what it is in, the nearest first."""
        if kind == "buckets":
            return []
        if kind == "items":
            return [thing["bucketId"]]
        (item,) = [item for item in self._everything("items") if item["id"] == thing["itemId"]]
        entry = [thing["entryId"]] if thing.get("entryId") else []
        return [*entry, item["id"], item["bucketId"]]

    def take_from_trash(self, thing_id: str) -> None:
        """In its old place: it has the position that it had."""
        parts = self._trash.pop(thing_id)
        for kind, thing in parts:
            self.things[kind][thing["id"]] = thing
        self._note("restored", parts[0])

    def forget(self, thing_id: str) -> None:
        """With it goes what was put in the trash before, out of it."""
        gone = {thing["id"] for _, thing in self._trash.pop(thing_id)}
        for other, parts in list(self._trash.items()):
            if gone & {value for value in parts[0][1].values() if isinstance(value, str)}:
                self.forget(other)

    def trash(self) -> list[Thing]:
        """What its list has to say, newest first."""
        return [
            {
                "kind": KINDS[kind],
                "thingId": thing_id,
                "name": thing[TITLES[kind]],
                "itemCount": sum(of == "items" for of, _ in parts),
            }
            for thing_id, parts in reversed(self._trash.items())
            for kind, thing in parts[:1]
        ]

    def compare(self, kind: str, there: Iterable[Thing]) -> None:
        """Raises: `Broken` unless each thing is there in its order, with what was sent, and nothing else is."""
        found = {thing["id"]: thing for thing in there}
        wanted = in_order(kind, self.things[kind].values())
        if list(found) != wanted:
            odd = found.keys() ^ set(wanted) or [pair for pair in zip(found, wanted, strict=True) if len({*pair}) > 1]
            raise Broken(f"{kind}: {len(found)} and not the {len(wanted)} that were kept, in order: {list(odd)[:3]}")
        for thing_id, thing in self.things[kind].items():
            mine, told = self._derived(kind, thing), found[thing_id]
            if differing := {name: (value, told[name]) for name, value in mine.items() if told[name] != value}:
                raise Broken(f"{kind} {thing_id}: kept and found are {differing}")

    def _derived(self, kind: str, thing: Thing) -> Thing:
        if kind == "buckets":
            items = [item for item in self.things["items"].values() if item["bucketId"] == thing["id"]]
            return thing | {"itemCount": len(items), "doneCount": sum(item["state"] == "done" for item in items)}
        if kind == "entries":
            photos = [photo for photo in self.things["photos"].values() if photo["entryId"] == thing["id"]]
            return thing | {"photoCount": len(photos), "itemName": self.things["items"][thing["itemId"]]["name"]}
        return thing


def in_order(kind: str, things: Iterable[Thing], sort: str = "") -> list[str]:
    """Ids as a list has them: by position; entries by date and photos by age, newest first; or by `sort`."""
    if sort in ("target", "-target"):
        keyed = {(_rank(thing["target"], last=sort == "target"), thing["id"]) for thing in things}
    elif kind == "entries":
        keyed = {(_rank(thing["date"], last=False), thing["id"]) for thing in things}
    else:
        keyed = {(thing["createdAt"] if kind == "photos" else thing["position"], thing["id"]) for thing in things}
    return [thing_id for _, thing_id in sorted(keyed, reverse=sort == "-target" or kind in ("entries", "photos"))]


def _rank(date: str | None, *, last: bool) -> int:
    """What has no date is at the end, whichever way."""
    if date is None:
        return len(DATES) if last else -1
    return DATES.index(date)


def _list_of(kind: str, thing: Thing) -> Any:
    """What it is sorted in by hand."""
    return {"buckets": None, "items": thing.get("bucketId"), "photos": thing.get("entryId") or thing.get("itemId")}[
        kind
    ]


def _by_position(thing: Thing) -> tuple[int, str]:
    return thing["position"], thing["id"]

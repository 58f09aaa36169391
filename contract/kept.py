"""Model of a life for the contract test: what a client has sent, and what follows from it by the document."""

from typing import Any

from contract.fuzzing import Broken

Thing = dict[str, Any]
LISTS = {
    "buckets": "/v1/buckets?archived=any&limit=100",
    "items": "/v1/items?archived=any&limit=100",
    "entries": "/v1/entries?limit=100",
    "photos": "/v1/photos?limit=100",
}
PARENTS = {"items": ("bucketId", "buckets"), "entries": ("itemId", "items"), "photos": ("itemId", "items")}
BY_SERVER = ("createdAt", "modifiedAt", "position")


class Kept:
    """Things by kind and id, and in the trash by the id of what was deleted, each with all that went with it."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in LISTS}
        self._trash: dict[str, list[tuple[str, Thing]]] = {}

    def add(self, kind: str, made: Thing, sent: Thing) -> None:
        self.things[kind][made["id"]] = {"id": made["id"]} | sent

    def write_entry(self, made: Thing, sent: Thing, *, keeps_state: bool) -> None:
        """The one with which an item is done as often as it wants to be makes it done."""
        item = self.things["items"][sent["itemId"]]
        before = self._times_done(item["id"])
        self.add("entries", made, {name: value for name, value in sent.items() if name != "id"})
        if before < item["times"] <= self._times_done(item["id"]) and not keeps_state:
            item |= {"state": "done", "droppedReason": None}

    def _times_done(self, item_id: str) -> int:
        return sum(entry["completes"] for entry in self.things["entries"].values() if entry["itemId"] == item_id)

    def rename_tag(self, old: str, new: str) -> None:
        """In all items that have it, those in the trash too; without a new name it goes."""
        gone = [thing for parts in self._trash.values() for kind, thing in parts if kind == "items"]
        for item in [*self.things["items"].values(), *gone]:
            if old in item["tags"]:
                item["tags"] = sorted({new if tag == old else tag for tag in item["tags"]} - {""})

    def put_in_trash(self, kind: str, thing_id: str) -> None:
        parts = self._with_parts(kind, thing_id)
        for of_kind, thing in parts:
            del self.things[of_kind][thing["id"]]
        self._trash[thing_id] = parts

    def _with_parts(self, kind: str, thing_id: str) -> list[tuple[str, Thing]]:
        found = [(kind, self.things[kind][thing_id])]
        for of_kind, (of_parent, parents) in PARENTS.items():
            field = "entryId" if (kind, of_kind) == ("entries", "photos") else of_parent
            if parents == kind or field == "entryId":
                held = [thing for thing in self.things[of_kind].values() if thing[field] == thing_id]
                found += [part for thing in held for part in self._with_parts(of_kind, thing["id"])]
        return list({(of_kind, thing["id"]): (of_kind, thing) for of_kind, thing in found}.values())

    def missing_parent(self, thing_id: str) -> str:
        """The id of what has to come back first, or nothing."""
        kind, thing = self._trash[thing_id][0]
        if kind == "buckets":
            return ""
        if kind == "photos" and thing["entryId"]:
            return "" if thing["entryId"] in self.things["entries"] else str(thing["entryId"])
        field, parents = PARENTS[kind]
        return "" if thing[field] in self.things[parents] else str(thing[field])

    def take_from_trash(self, thing_id: str) -> None:
        for kind, thing in self._trash.pop(thing_id):
            self.things[kind][thing["id"]] = thing

    def forget(self, thing_id: str) -> None:
        """With it goes what was put in the trash before, out of it."""
        gone = {thing["id"] for _, thing in self._trash.pop(thing_id)}
        for other, parts in list(self._trash.items()):
            if gone & {value for value in parts[0][1].values() if isinstance(value, str)}:
                self.forget(other)

    def compare(self, kind: str, there: dict[str, Thing]) -> None:
        """Raises: `Broken` unless each thing is there with what was sent, and nothing else is."""
        if there.keys() != self.things[kind].keys():
            more, less = there.keys() - self.things[kind].keys(), self.things[kind].keys() - there.keys()
            raise Broken(f"{kind}: {len(more)} more and {len(less)} fewer than were kept: {sorted(more | less)[:3]}")
        for thing_id, mine in self.things[kind].items():
            wanted, found = comparable(self._derived(kind, mine)), comparable(there[thing_id])
            differing = {name: (value, found[name]) for name, value in wanted.items() if found[name] != value}
            if differing:
                raise Broken(f"{kind} {thing_id}: kept and found are {differing}")

    def _derived(self, kind: str, thing: Thing) -> Thing:
        items = [item for item in self.things["items"].values() if item["bucketId"] == thing["id"]]
        if kind == "buckets":
            return thing | {"itemCount": len(items), "doneCount": sum(item["state"] == "done" for item in items)}
        if kind == "items":
            return thing | {"timesDone": self._times_done(thing["id"])}
        if kind == "entries":
            photos = [photo for photo in self.things["photos"].values() if photo["entryId"] == thing["id"]]
            return thing | {"photoCount": len(photos)}
        return thing


def comparable(thing: Thing) -> Thing:
    """Without what only the server knows; tags in any order, as renaming one may bring two together."""
    kept = {name: value for name, value in thing.items() if name not in BY_SERVER}
    return kept | ({"tags": sorted(kept["tags"])} if "tags" in kept else {})

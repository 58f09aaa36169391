"""A model of the trash: somebody who deletes, restores and empties over real HTTP, and knows what has to be there."""

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import NamedTuple

from tests.pictures import encoded, noise
from tests.serving.uploads import everything, send_photo
from tests.serving.wire import Visitor

SIZES = (0, 3, 40)  # items of a bucket
FEW = 60  # things that are restocked
PLURALS = {"bucket": "buckets", "item": "items", "entry": "entries", "photo": "photos"}


class Thing(NamedTuple):
    """A bucket, item, entry or photo, and what it is in."""

    kind: str
    parent: str | None
    word: str | None


class Seen(NamedTuple):
    """What is in the lists, in the order of each list, and in the trash."""

    lists: dict[str, tuple[str, ...]]  # by parent and kind
    words: dict[str, str | None]
    trash: Counter[str]

    @property
    def ids(self) -> set[str]:
        return set(self.words)


@dataclass
class Keeper:
    """Does one thing after the other, so that of one at most nobody knows whether it was done."""

    visitor: Visitor
    chance: Random
    things: dict[str, Thing] = field(default_factory=dict)
    trashed: set[str] = field(default_factory=set)
    after: tuple[dict[str, Thing], set[str]] | None = None  # what is so if the last request was done
    pictures: dict[str, bytes] = field(default_factory=dict)  # hashes by photo
    copy: dict[str, list[str | None]] = field(default_factory=dict)  # what the feed told, and what that is in
    cursor: str = ""
    done: int = 0
    unknown: int = 0
    numbers: "count[int]" = field(default_factory=count)

    def stock_up(self) -> None:
        """New things, nothing of which is killed."""
        if len(self.things) > FEW:
            return
        for size in SIZES:
            bucket = self.make("bucket", None, "/v1/buckets")
            for number in range(size):
                item = self.make("item", bucket, f"/v1/buckets/{bucket}/items")
                if number < 2:
                    entry = self.make("entry", item, f"/v1/items/{item}/entries")
                    self.add_photo(entry, f"/v1/entries/{entry}/photos")
                    self.add_photo(item, f"/v1/items/{item}/photos")

    def make(self, kind: str, parent: str | None, path: str) -> str:
        word = f"{kind} {next(self.numbers)}"
        answer = self.visitor.ask("POST", path, {"title" if kind == "entry" else "name": word})
        assert answer.status == 201, answer.body
        self.things[answer.json["id"]] = Thing(kind, parent, word)
        return str(answer.json["id"])

    def add_photo(self, parent: str, path: str) -> None:
        picture = encoded(noise((64, 48))) + os.urandom(self.chance.choice((10, 10_000, 300_000)))
        answer = send_photo(self.visitor, path, f"key {next(self.numbers)}", picture)
        assert answer.status == 201, answer.body
        self.things[answer.json["id"]] = Thing("photo", parent, None)
        self.pictures[answer.json["id"]] = hashlib.sha256(picture).digest()

    def do_something(self) -> None:
        """Raises: `OSError`, `HTTPException`."""
        there = sorted(self.seen().ids)
        what = self.chance.choices(("delete", "restore", "empty", "empty all"), (50, 40, 8, 2))[0]
        if what == "empty all":
            self.ask("DELETE", "/v1/trash", self.without(self.trashed), 204)
        elif what == "delete" and there:
            kind = self.chance.choice(sorted({self.things[thing_id].kind for thing_id in there}))
            thing_id = self.chance.choice([one for one in there if self.things[one].kind == kind])
            after = self.things, self.trashed | {thing_id}
            self.ask("DELETE", f"/v1/{PLURALS[kind]}/{thing_id}", after, 204)
        elif what in ("restore", "empty") and self.trashed:
            thing_id = self.chance.choice(sorted(self.trashed))
            path = f"/v1/trash/{self.find_in_trash(thing_id)}"
            if what == "empty":
                self.ask("DELETE", path, self.without({thing_id}), 204)
            elif self.is_hidden(self.things[thing_id].parent):
                self.ask("POST", f"{path}/restore", (self.things, self.trashed), 409)
            else:
                self.ask("POST", f"{path}/restore", (self.things, self.trashed - {thing_id}), 200)

    def ask(self, method: str, path: str, after: tuple[dict[str, Thing], set[str]], status: int) -> None:
        self.after = after
        answer = self.visitor.ask(method, path)
        assert answer.status == status, answer.body
        (self.things, self.trashed), self.after = after, None
        self.done += 1

    def find_in_trash(self, thing_id: str) -> str:
        (found,) = (row["id"] for row in everything(self.visitor, "trash") if row["thingId"] == thing_id)
        return str(found)

    def is_hidden(self, thing_id: str | None) -> bool:
        return thing_id is not None and (thing_id in self.trashed or self.is_hidden(self.things[thing_id].parent))

    def without(self, roots: set[str]) -> tuple[dict[str, Thing], set[str]]:
        """All but these and what is in them; what has a parent was made after it."""
        gone = set(roots)
        for thing_id, thing in self.things.items():
            if thing.parent in gone:
                gone.add(thing_id)
        return {thing_id: thing for thing_id, thing in self.things.items() if thing_id not in gone}, self.trashed - gone

    def restore_all(self) -> None:
        for kind in PLURALS:
            for thing_id in sorted(one for one in self.trashed if self.things[one].kind == kind):
                path = f"/v1/trash/{self.find_in_trash(thing_id)}/restore"
                self.ask("POST", path, (self.things, self.trashed - {thing_id}), 200)

    def seen(self) -> Seen:
        """What has to be there, as far as this person was told."""
        there = {one: thing for one, thing in self.things.items() if not self.is_hidden(one)}
        lists: dict[str, tuple[str, ...]] = {}
        for thing_id, thing in there.items():
            if thing.kind in ("bucket", "item"):
                lists[str(thing.parent)] = (*lists.get(str(thing.parent), ()), thing_id)
        return Seen(lists, {one: thing.word for one, thing in there.items()}, Counter(self.trashed))

    def look(self) -> Seen:
        """What is there."""
        rows = {name: everything(self.visitor, name) for name in PLURALS.values()}
        found = [row for some in rows.values() for row in some]
        words = {row["id"]: row.get("name") or row.get("title") for row in found}
        assert len(words) == len(found)
        lists = {"None": tuple(row["id"] for row in rows["buckets"])} if rows["buckets"] else {}
        for bucket in rows["buckets"]:
            if bucket["itemCount"]:
                items = everything(self.visitor, "items", f"/v1/buckets/{bucket['id']}/items")
                lists[bucket["id"]] = tuple(row["id"] for row in items)
        return Seen(lists, words, Counter(row["thingId"] for row in everything(self.visitor, "trash")))

    def settle(self, there: Seen) -> None:
        """The request that was not answered was done as a whole, or not at all."""
        if self.after:
            self.unknown += 1
            if there != self.seen():
                self.things, self.trashed = self.after
            self.after = None
        assert there == self.seen()

    def follow(self) -> None:
        """An offline client: what goes, goes with what is in it."""
        is_more = True
        while is_more:
            page = self.visitor.ask("GET", f"/v1/changes?limit=50{self.cursor and '&since='}{self.cursor}").json
            for change in page["changes"]:
                if data := change["data"]:
                    self.copy[change["id"]] = [data.get(name) for name in ("bucketId", "itemId", "entryId")]
                else:
                    self.drop(change["id"])
            self.cursor, is_more = page["cursor"], page["more"]

    def drop(self, thing_id: str) -> None:
        self.copy.pop(thing_id, None)
        for child in [child for child, parents in self.copy.items() if thing_id in parents]:
            self.drop(child)

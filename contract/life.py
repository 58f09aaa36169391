"""Contract test by a client: keeps a life of 1,000 wishes as the document says, and compares it with its own copy.

Written from what the service publishes alone: the reference, the conventions, the document. It keeps what it has sent,
as somebody's own program would, follows the changes feed as one that was offline does, and undoes much of what it
deletes. At the end both copies have to be what the lists say, and each operation of the document has been called.
"""

import hashlib
import json
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any

from contract.fuzzing import Broken
from contract.kept import LISTS, Kept, Thing
from contract.people import Person
from contract.talk import Talk
from tests.pictures import encoded, noise

WISHES, BUCKETS, PHOTOS, CHANGES = 1_000, 20, 12, 1_500
NEEDS_MAIL = {"forgetPassword", "resetPassword", "confirmEmail"}  # a secret that comes by mail
WORDS = ["swim", "climb", "learn", "see", "write", "plant", "sail", "cook", "build", "sleep", "walk", "forgive"]
TARGETS = [None, "2031", "2031-22", "2029-07", "203X", "1987~", "2030-01-31"]
TAGS = ["sea", "far", "home", "slow", "brave", "north", "food"]


def live(url: str, seed: int) -> int:
    """How many requests such a life takes. Raises: `Broken` where the service is not what its document says."""
    life = Life(Talk(Person(url, f"life{seed}")), Random(seed))
    life.talk.sign_up()
    for _ in range(BUCKETS):
        life.make_bucket()
    for _ in range(WISHES):
        life.make_wish()
    doings = [*DOINGS, *life.chance.choices(list(DOINGS), list(DOINGS.values()), k=CHANGES)]
    for number, doing in enumerate(doings):
        getattr(life, doing)()
        if number % 100 == 0:
            life.catch_up()
    life.compare()
    life.talk.leave()
    if forgotten := life.talk.operations() - life.talk.called - NEEDS_MAIL:
        raise Broken(f"A life does without {sorted(forgotten)}")
    return life.talk.requests


class Life:
    """Somebody with a program that keeps `kept`, what was sent, and `followed`, what the changes feed told."""

    def __init__(self, talk: Talk, chance: Random) -> None:
        self.talk, self.chance = talk, chance
        self.kept, self.followed = Kept(), {kind: dict[str, Thing]() for kind in LISTS}
        self.cursor, self._number, self._pictures = "", count(1), self._draw()

    def _draw(self) -> Iterator[bytes]:
        for _ in range(PHOTOS):
            yield encoded(noise((self.chance.randint(40, 80), 40)))

    def _one(self, kind: str) -> Thing:
        return self.chance.choice(list(self.kept.things[kind].values()))

    def _name(self) -> str:
        return f"{self.chance.choice(WORDS).title()} {next(self._number)} ✓"

    def _wish(self) -> dict[str, Any]:
        """Fields of a wish, all of them."""
        dropped = self.chance.random() < 0.1
        tags = self.chance.sample(TAGS, self.chance.randint(0, 3))
        return {
            "name": self._name(),
            "description": self.chance.choice([None, "Why:\n\n*because*"]),
            "state": "dropped" if dropped else self.chance.choice(["open", "doing"]),
            "droppedReason": "My knees" if dropped else None,
            "target": self.chance.choice(TARGETS),
            "times": self.chance.choice([1, 1, 3, 100]),
            "place": self.chance.choice([None, "Lofoten"]),
            "tags": tags,
            "steps": [{"text": f"Step {at}", "done": at == 0} for at in range(self.chance.randint(0, 2))],
            "links": [{"url": "https://example.org/a", "title": None}] * self.chance.randint(0, 1),
        }

    def _entry(self) -> dict[str, Any]:
        return {
            "completes": self.chance.random() < 0.5,
            "title": self.chance.choice([None, self._name()]),
            "date": self.chance.choice([None, "1987~", "2024-02-29", "202X"]),
            "story": "It *was* so.",
            "people": self.chance.sample(["Nora", "Ivo", "Ada"], 2),
            "place": None,
            "rating": 4,
        }

    def make_bucket(self) -> None:
        sent = {"name": self._name(), "description": self.chance.choice([None, "Far"]), "archived": False}
        self.kept.add("buckets", self.talk.create("/v1/buckets", sent), sent)

    def put_bucket(self) -> None:
        sent = {"name": self._name(), "description": None, "archived": self.chance.random() < 0.2}
        path = f"/v1/buckets/{self._one('buckets')['id']}"
        self.kept.add("buckets", self.talk.expect("PUT", path, sent), sent)

    def change_bucket(self) -> None:
        self._change("buckets", {"archived": self.chance.random() < 0.1})

    def make_wish(self) -> None:
        sent, bucket = self._wish(), self._one("buckets")["id"]
        entry = self._entry() if self.chance.random() < 0.3 else None
        if entry:
            del sent["state"], sent["droppedReason"]
        offline = {"id": self.talk.new_id()} if self.chance.random() < 0.3 else {}
        body = sent | offline | ({"entry": entry} if entry else {})
        made = self.talk.create(f"/v1/buckets/{bucket}/items", body)
        told = {"state": "done", "droppedReason": None} if entry else {}
        self.kept.add("items", made, sent | told | {"bucketId": bucket})
        if entry:
            (found,) = self.talk.pages(f"/v1/items/{made['id']}/entries", "entries")
            self.kept.add("entries", found, entry | {"itemId": made["id"]})

    def put_wish(self) -> None:
        sent = self._wish() | {"bucketId": self._one("buckets")["id"]}
        path = f"/v1/items/{self._one('items')['id']}"
        self.kept.add("items", self.talk.expect("PUT", path, sent), sent)

    def change_wish(self) -> None:
        wish = self._wish()
        fields = {name: wish[name] for name in self.chance.sample(sorted(set(wish) - {"state", "droppedReason"}), 3)}
        self._change("items", fields)

    def move_wish(self) -> None:
        self._change("items", {"bucketId": self._one("buckets")["id"]})

    def finish_wish(self) -> None:
        self._change("items", {"state": self.chance.choice(["done", "open"])}, {"droppedReason": None})

    def make_entry(self) -> None:
        sent, item = self._entry(), self._one("items")["id"]
        keeps = {"keepState": True} if self.chance.random() < 0.3 else {}
        made = self.talk.create(f"/v1/items/{item}/entries", sent | keeps)
        self.kept.write_entry(made, sent | {"itemId": item}, keeps_state=bool(keeps))

    def put_entry(self) -> None:
        sent, entry = self._entry(), self._one("entries")
        made = self.talk.expect("PUT", f"/v1/entries/{entry['id']}", sent)
        self.kept.write_entry(made, sent | {"itemId": entry["itemId"]}, keeps_state=False)

    def change_entry(self) -> None:
        sent, entry = {"completes": self.chance.random() < 0.5, "rating": None}, self._one("entries")
        made = self.talk.change(f"/v1/entries/{entry['id']}", sent)
        self.kept.write_entry(made, entry | sent, keeps_state=False)

    def add_photo(self) -> None:
        kind = self.chance.choice(["items", "entries"])
        thing, picture = self._one(kind), next(self._pictures, b"")
        if not picture:
            return
        made = self.talk.upload(f"/v1/{kind}/{thing['id']}/photos", picture, "A pier ✓")
        entry = thing["id"] if kind == "entries" else None
        sent = {"caption": "A pier ✓", "entryId": entry, "itemId": thing["itemId"] if entry else thing["id"]}
        told = {"mediaType": "image/jpeg", "bytes": len(picture), "sha256": hashlib.sha256(picture).hexdigest()}
        self.kept.add("photos", made, sent | told)

    def change_photo(self) -> None:
        if self.kept.things["photos"]:
            self._change("photos", {"caption": self.chance.choice([None, "Late"])})

    def _change(self, kind: str, sent: dict[str, Any], told: dict[str, Any] | None = None) -> None:
        thing = self._one(kind)
        made = self.talk.change(f"/v1/{kind}/{thing['id']}", sent)
        self.kept.add(kind, made, thing | sent | (told or {}))

    def sort_wishes(self) -> None:
        path = f"/v1/buckets/{self._one('buckets')['id']}/items"
        ids = [item["id"] for item in self.talk.pages(f"{path}?archived=any&sort=position", "items")]
        self.chance.shuffle(ids)
        self.talk.expect("PUT", f"{path}/order", {"ids": ids}, status=204)
        self.talk.expect("PUT", f"{path}/order", {"ids": [*ids, self.talk.new_id()]}, status=409)
        if [item["id"] for item in self.talk.pages(f"{path}?archived=any&sort=position", "items")] != ids:
            raise Broken("Wishes are in another order than the one they were given")

    def sort_buckets(self) -> None:
        ids = self.chance.sample(sorted(self.kept.things["buckets"]), len(self.kept.things["buckets"]))
        self.talk.expect("PUT", "/v1/buckets/order", {"ids": ids}, status=204)

    def rename_tag(self) -> None:
        old, new = self.chance.sample(TAGS, 2)
        self._use_tag(old)
        self.talk.expect("PATCH", f"/v1/tags/{old}", {"name": new})
        self.kept.rename_tag(old, new)

    def drop_tag(self) -> None:
        tag = self.chance.choice(TAGS)
        self._use_tag(tag)
        self.talk.expect("DELETE", f"/v1/tags/{tag}", status=204)
        self.kept.rename_tag(tag, "")

    def _use_tag(self, tag: str) -> None:
        self._change("items", {"tags": [tag]})

    def delete(self) -> None:
        """And undo, mostly; what is in something that was deleted later waits for it."""
        kind = self.chance.choices([*LISTS], [1, 6, 6, 2])[0]
        if not self.kept.things[kind] or (kind == "buckets" and len(self.kept.things["buckets"]) < 5):
            return
        thing = self._one(kind)
        self.talk.expect("DELETE", f"/v1/{kind}/{thing['id']}", status=204)
        self.talk.expect("GET", f"/v1/{kind}/{thing['id']}", status=404)
        self.kept.put_in_trash(kind, thing["id"])
        if self.chance.random() < 0.6:
            self.restore(thing["id"])

    def restore(self, thing_id: str = "") -> None:
        row = next((row for row in self.talk.pages("/v1/trash", "trash") if thing_id in ("", row["thingId"])), None)
        if row and (parent := self.kept.missing_parent(row["thingId"])):
            refused = self.talk.expect("POST", f"/v1/trash/{row['id']}/restore", status=409)
            if refused["parent"]["id"] != parent:
                raise Broken(f"It waits for {parent}, and is told {refused['parent']}")
        elif row:
            self.talk.expect("POST", f"/v1/trash/{row['id']}/restore")
            self.kept.take_from_trash(row["thingId"])

    def delete_for_good(self) -> None:
        for row in self.talk.pages("/v1/trash", "trash")[:1]:
            self.talk.expect("DELETE", f"/v1/trash/{row['id']}", status=204)
            self.kept.forget(row["thingId"])

    def read_history(self) -> None:
        item = self._one("items")
        self._change("items", {"place": self._name()})
        if not self.talk.pages(f"/v1/items/{item['id']}/history", "history"):
            raise Broken("A wish has no history")

    def catch_up(self) -> None:
        """Take all that has changed since the last time, as after a while without a network."""
        more = True
        while more:
            page = self.talk.expect("GET", f"/v1/changes?limit=100{f'&since={self.cursor}' * bool(self.cursor)}")
            for change in page["changes"]:
                self._follow(change)
            self.cursor, more = page["cursor"], page["more"]

    def _follow(self, change: dict[str, Any]) -> None:
        kind = {"bucket": "buckets", "item": "items", "entry": "entries", "photo": "photos"}.get(change["kind"], "")
        if not kind:
            return
        if change["action"] == "deleted":
            self.followed[kind].pop(change["id"], None)
        else:
            self.followed[kind][change["id"]] = change["data"]

    def compare(self) -> None:
        """Both copies with the lists, and the bytes of photos with what was sent; then the trash is emptied."""
        self.catch_up()
        for kind, path in LISTS.items():
            there = {thing["id"]: thing for thing in self.talk.pages(path, kind)}
            self.kept.compare(kind, there)
            Kept.compare_followed(kind, self.followed, there)
        for photo in self.kept.things["photos"].values():
            of = f"/v1/entries/{photo['entryId']}" if photo["entryId"] else f"/v1/items/{photo['itemId']}"
            if photo["id"] not in {each["id"] for each in self.talk.pages(f"{of}/photos", "photos")}:
                raise Broken(f"{of} has no {photo}")
            for size in ("original", "preview", "thumbnail"):
                sent = self.talk.read_bytes(f"/v1/photos/{photo['id']}/{size}")
                if size == "original" and hashlib.sha256(sent).hexdigest() != photo["sha256"]:
                    raise Broken(f"The original of {photo} is another")
        told = json.dumps(sorted(tag["name"] for tag in self.talk.pages("/v1/tags", "tags")))
        if told != json.dumps(sorted({tag for item in self.kept.things["items"].values() for tag in item["tags"]})):
            raise Broken(f"The tags are {told}")
        self.talk.expect("DELETE", "/v1/trash", status=204)
        if self.talk.pages("/v1/trash", "trash"):
            raise Broken("The trash was emptied, and is not empty")


DOINGS = {  # and how often; each is done once at least
    "put_bucket": 1,
    "change_bucket": 1,
    "make_wish": 4,
    "put_wish": 4,
    "change_wish": 12,
    "move_wish": 3,
    "finish_wish": 6,
    "make_entry": 12,
    "put_entry": 3,
    "change_entry": 4,
    "add_photo": 2,
    "change_photo": 1,
    "sort_wishes": 1,
    "sort_buckets": 1,
    "rename_tag": 1,
    "drop_tag": 1,
    "delete": 8,
    "restore": 3,
    "delete_for_good": 1,
    "read_history": 1,
}

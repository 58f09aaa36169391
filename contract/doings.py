"""Doings of the client in the contract test: each calls the service as its document says, and keeps what that did."""

import hashlib
from collections.abc import Iterator
from random import Random
from typing import Any

from contract.drafts import TAGS, Drafts
from contract.fuzzing import Broken
from contract.kept import LISTS, Kept, Thing
from contract.talk import Talk
from tests.pictures import encoded, noise

PHOTOS = 12


class Doings:
    """Somebody with a program that keeps what was sent."""

    def __init__(self, talk: Talk, chance: Random) -> None:
        self.talk, self.chance = talk, chance
        self.kept, self.drafts, self._pictures = Kept(), Drafts(chance), self._draw()

    def _draw(self) -> Iterator[bytes]:
        for _ in range(PHOTOS):
            yield encoded(noise((self.chance.randint(40, 80), 40)))

    def _one(self, kind: str) -> Thing:
        return self.chance.choice(list(self.kept.things[kind].values()))

    def make_bucket(self) -> None:
        sent = {"name": self.drafts.name(), "description": self.chance.choice([None, "Far"]), "archived": False}
        self.kept.add("buckets", self.talk.create("/v1/buckets", sent), sent)

    def put_bucket(self) -> None:
        sent = {"name": self.drafts.name(), "description": None, "archived": self.chance.random() < 0.2}
        path = f"/v1/buckets/{self._one('buckets')['id']}"
        self.kept.add("buckets", self.talk.expect("PUT", path, sent), sent)

    def change_bucket(self) -> None:
        self._change("buckets", {"archived": self.chance.random() < 0.1})

    def make_wish(self) -> None:
        sent, bucket = self.drafts.wish(), self._one("buckets")["id"]
        entry = self.drafts.entry() if self.chance.random() < 0.3 else None
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
        sent = self.drafts.wish() | {"bucketId": self._one("buckets")["id"]}
        path = f"/v1/items/{self._one('items')['id']}"
        self.kept.add("items", self.talk.expect("PUT", path, sent), sent)

    def change_wish(self) -> None:
        wish = self.drafts.wish()
        fields = {name: wish[name] for name in self.chance.sample(sorted(set(wish) - {"state", "droppedReason"}), 3)}
        self._change("items", fields)

    def move_wish(self) -> None:
        self._change("items", {"bucketId": self._one("buckets")["id"]})

    def finish_wish(self) -> None:
        self._change("items", {"state": self.chance.choice(["done", "open"])}, {"droppedReason": None})

    def make_entry(self) -> None:
        sent, item = self.drafts.entry(), self._one("items")["id"]
        keeps = {"keepState": True} if self.chance.random() < 0.3 else {}
        made = self.talk.create(f"/v1/items/{item}/entries", sent | keeps)
        self.kept.write_entry(made, sent | {"itemId": item}, keeps_state=bool(keeps))

    def put_entry(self) -> None:
        sent, entry = self.drafts.entry(), self._one("entries")
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
        self._change("items", {"place": self.drafts.name()})
        if not self.talk.pages(f"/v1/items/{item['id']}/history", "history"):
            raise Broken("A wish has no history")


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

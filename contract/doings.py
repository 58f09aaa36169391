"""Doings of the client in the contract test: each calls the service as its document says, and keeps what that did."""

import hashlib
from collections.abc import Iterator
from random import Random

from PIL import Image

from contract.drafts import TAGS, Drafts, Fields
from contract.fuzzing import Broken
from contract.kept import LISTS, Kept, in_order
from contract.past import Thing
from contract.talk import Talk
from tests.pictures import encoded

PHOTOS = 24
BY_SCRIPT = 0.2


class Doings:
    """Somebody with a program that keeps what was sent."""

    def __init__(self, talk: Talk, chance: Random) -> None:
        self.talk, self.chance = talk, chance
        self.kept, self.drafts, self._pictures = Kept(), Drafts(chance), self._draw()

    def do(self, doing: str) -> None:
        """As a person, or by a script."""
        self.talk.is_script = self.chance.random() < BY_SCRIPT
        self.kept.past.hand = self.talk.hand
        getattr(self, doing)()
        self.talk.is_script = False

    def _draw(self) -> Iterator[bytes]:
        for _ in range(PHOTOS):
            size = self.chance.randint(40, 80), 40
            yield encoded(Image.frombytes("RGB", size, self.chance.randbytes(3 * size[0] * size[1])))

    def _one(self, kind: str) -> Thing:
        return self.chance.choice(list(self.kept.things[kind].values()))

    def _made_offline(self) -> Fields:
        """The id of something that is made by the client, now and then."""
        return {"id": self.talk.new_id()} if self.chance.random() < 0.3 else {}

    def make_bucket(self) -> None:
        sent = self.drafts.bucket() | self._made_offline()
        self.kept.add("buckets", self.talk.create("/v1/buckets", sent), sent)

    def put_bucket(self) -> None:
        self._put("buckets", self.drafts.bucket(archived=0.2))

    def change_bucket(self) -> None:
        self._change("buckets", self.drafts.some(self.drafts.bucket(archived=0.1), 2))

    def make_wish(self) -> None:
        sent, bucket = self.drafts.wish() | self._made_offline(), self._one("buckets")["id"]
        entry = self.drafts.entry() | self._made_offline() if self.chance.random() < 0.3 else None
        if entry:
            del sent["state"], sent["droppedReason"]
        made = self.talk.create(f"/v1/buckets/{bucket}/items", sent | ({"entry": entry} if entry else {}))
        told = {"state": "done", "droppedReason": None} if entry else {}
        times = {"timesDone": int(entry["completes"]) if entry else 0}
        self.kept.add("items", made, sent | told | times | {"bucketId": bucket})
        if entry:
            (found,) = self.talk.pages(f"/v1/items/{made['id']}/entries", "entries")
            self.kept.add("entries", found, entry | {"itemId": made["id"]})

    def put_wish(self) -> None:
        self._put("items", self.drafts.wish() | {"bucketId": self._one("buckets")["id"]})

    def change_wish(self) -> None:
        wish = self.drafts.wish()
        self._change("items", self.drafts.some({name: wish[name] for name in wish if name != "droppedReason"}))

    def move_wish(self) -> None:
        self._change("items", {"bucketId": self._one("buckets")["id"]})

    def finish_wish(self) -> None:
        self._change("items", {"state": self.chance.choice(["done", "open"])})

    def make_entry(self) -> None:
        sent, item = self.drafts.entry() | self._made_offline(), self._one("items")["id"]
        keeps = {"keepState": True} if self.chance.random() < 0.3 else {}
        made = self.talk.create(f"/v1/items/{item}/entries", sent | keeps)
        self.kept.add_entry(made, sent | {"itemId": item}, keeps_state=bool(keeps))

    def put_entry(self) -> None:
        sent, path = self.drafts.entry(), f"/v1/entries/{self._one('entries')['id']}"
        self.kept.change_entry(self.talk.write("PUT", path, sent), sent)

    def change_entry(self) -> None:
        sent, path = self.drafts.some(self.drafts.entry()), f"/v1/entries/{self._one('entries')['id']}"
        self.kept.change_entry(self.talk.change(path, sent), sent)

    def add_photo(self) -> None:
        kind = self.chance.choice(["items", "entries"])
        photos, picture = list(self.kept.things["photos"].values()), next(self._pictures, b"")
        if not picture:
            return
        beside = self.chance.choice(photos) if photos and self.chance.random() < 0.7 else None  # some are several
        kind = kind if not beside else "entries" if beside["entryId"] else "items"
        of = self._one(kind) if not beside else self.kept.things[kind][beside["entryId"] or beside["itemId"]]
        made = self.talk.upload(f"/v1/{kind}/{of['id']}/photos", picture, "A pier ✓")
        entry = of["id"] if kind == "entries" else None
        sent = {"caption": "A pier ✓", "entryId": entry, "itemId": of["itemId"] if entry else of["id"]}
        told = {"mediaType": "image/jpeg", "bytes": len(picture), "sha256": hashlib.sha256(picture).hexdigest()}
        self.kept.add("photos", made, sent | told | {"takenAt": None})

    def change_photo(self) -> None:
        if self.kept.things["photos"]:
            self._change("photos", {"caption": self.chance.choice([None, "Late"])})

    def move_photo(self) -> None:
        """To a place among those beside it, which are all numbered anew; one that is there already stays."""
        if not self.kept.things["photos"]:
            return
        photo, place = self._one("photos"), self.chance.randint(1, 4)
        self.talk.change(f"/v1/photos/{photo['id']}", {"position": place})
        if place != photo["position"]:
            ids = [one for one in self.kept.in_list("photos", photo) if one != photo["id"]]
            self.kept.order("photos", [*ids[: place - 1], photo["id"], *ids[place - 1 :]])

    def _put(self, kind: str, sent: Fields) -> None:
        self.kept.change(kind, self.talk.write("PUT", f"/v1/{kind}/{self._one(kind)['id']}", sent), sent)

    def _change(self, kind: str, sent: Fields) -> None:
        self.kept.change(kind, self.talk.change(f"/v1/{kind}/{self._one(kind)['id']}", sent), sent)

    def sort_wishes(self) -> None:
        one = self._one("items")
        path, ids = f"/v1/buckets/{one['bucketId']}/items", self.kept.in_list("items", one)
        self.chance.shuffle(ids)
        self.talk.expect("PUT", f"{path}/order", {"ids": ids}, status=204)
        self.talk.expect("PUT", f"{path}/order", {"ids": [*ids, self.talk.new_id()]}, status=409)
        self.kept.order("items", ids)

    def sort_buckets(self) -> None:
        ids = self.chance.sample(sorted(self.kept.things["buckets"]), len(self.kept.things["buckets"]))
        self.talk.expect("PUT", "/v1/buckets/order", {"ids": ids}, status=204)
        self.kept.order("buckets", ids)

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
        path = f"/v1/{kind}/{self._one(kind)['id']}"
        self.talk.write("DELETE", path, status=204)
        self.talk.expect("GET", path, status=404)
        self.kept.put_in_trash(kind, path.rpartition("/")[2])
        if self.chance.random() < 0.6:
            self.restore(path.rpartition("/")[2])

    def restore(self, thing_id: str = "") -> None:
        """The newest, or that of this thing; or one of the first, after much has changed."""
        rows = [row for row in self._trash() if thing_id in ("", row["thingId"])]
        if not rows:
            return
        row = self.chance.choice(rows)
        if parent := self.kept.missing_parent(row["thingId"]):
            refused = self.talk.expect("POST", f"/v1/trash/{row['id']}/restore", status=409)
            if refused["parent"]["id"] != parent:
                raise Broken(f"It waits for {parent}, and is told {refused['parent']}")
        else:
            self.talk.restore(row["id"])
            self.kept.take_from_trash(row["thingId"])

    def _trash(self) -> list[Thing]:
        """Raises: `Broken` unless it has what was put there, newest first."""
        rows, kept = self.talk.pages("/v1/trash?limit=100", "trash"), self.kept.trash()
        told = [{name: row[name] for name in ("kind", "thingId", "name", "itemCount")} for row in rows]
        if told != kept:
            raise Broken(f"The trash has {told}, and {kept} was put there")
        return rows

    def delete_for_good(self) -> None:
        for row in self._trash()[:1]:
            self.talk.expect("DELETE", f"/v1/trash/{row['id']}", status=204)
            self.kept.forget(row["thingId"])

    def read_history(self) -> None:
        """Of something that changes, and of an attempt that changes nothing, and leaves no trace."""
        item = self._one("items")
        self.talk.expect("PATCH", f"/v1/items/{item['id']}", {"name": item["name"]})
        told = self.talk.pages(f"/v1/items/{item['id']}/history?limit=3", "history")
        self.kept.past.compare(item["id"], told)

    def look_by_target(self) -> None:
        sort = self.chance.choice(["target", "-target"])
        told = self.talk.pages(f"/v1/items?archived=any&limit=100&sort={sort}", "items")
        if [item["id"] for item in told] != in_order("items", self.kept.things["items"].values(), sort):
            raise Broken(f"Wishes are not in the order of {sort}")


DOINGS = {  # and how often; each is done once at least
    "make_bucket": 1,
    "put_bucket": 2,
    "change_bucket": 2,
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
    "move_photo": 2,
    "sort_wishes": 1,
    "sort_buckets": 1,
    "rename_tag": 1,
    "drop_tag": 1,
    "delete": 8,
    "restore": 3,
    "delete_for_good": 1,
    "read_history": 2,
    "look_by_target": 0,
}

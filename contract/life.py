"""Contract test by a client: keeps a life of 1,000 wishes as the document says, and compares it with its own copy.

Written from what the service publishes alone: the reference, the conventions, the document. It keeps what it has sent,
as somebody's own program would, follows the changes feed as one that was offline does, and undoes much of what it
deletes. At the end both copies have to be what the lists say, and each operation of the document has been called.
"""

import hashlib
from collections import Counter
from random import Random

from contract.doings import DOINGS, Doings
from contract.followed import Followed
from contract.fuzzing import Broken
from contract.kept import LISTS, in_order
from contract.past import Thing
from contract.people import Person
from contract.talk import Talk

WISHES, BUCKETS, CHANGES = 1_000, 20, 1_500
NEEDS_MAIL = {"forgetPassword", "resetPassword", "confirmEmail"}  # a secret that comes by mail


def live(url: str, seed: int) -> int:
    """How many requests such a life takes. Raises: `Broken` where the service is not what its document says."""
    life = Doings(Talk(Person(url, f"life{seed}")), Random(seed))
    followed = Followed(life.talk)
    life.talk.sign_up()
    for _ in range(BUCKETS):
        life.do("make_bucket")
    for _ in range(WISHES):
        life.do("make_wish")
    doings = [*DOINGS, *life.chance.choices(list(DOINGS), list(DOINGS.values()), k=CHANGES)]
    for number, doing in enumerate(doings):
        life.do(doing)
        if number % 100 == 0:
            followed.catch_up()
    compare(life, followed)
    life.talk.leave()
    if forgotten := life.talk.operations() - life.talk.called - NEEDS_MAIL:
        raise Broken(f"A life does without {sorted(forgotten)}")
    return life.talk.requests


def compare(life: Doings, followed: Followed) -> None:
    """Both copies with the lists, and histories and files with what was done; then the trash is emptied."""
    followed.catch_up()
    for kind, path in LISTS.items():
        there = life.talk.pages(path, kind)
        life.kept.compare(kind, there)
        followed.compare(kind, {thing["id"]: thing for thing in there})
    compare_lists_within(life)
    compare_histories(life)
    for photo in life.kept.things["photos"].values():
        compare_files(life, photo)
    life.talk.expect("DELETE", "/v1/trash", status=204)
    if life.talk.pages("/v1/trash", "trash"):
        raise Broken("The trash was emptied, and is not empty")


def compare_lists_within(life: Doings) -> None:
    """Each bucket's, and those of each thing that has photos or several entries, in their order; and the tags."""
    kept, items = life.kept, life.kept.things["items"].values()
    for bucket_id in kept.things["buckets"]:
        mine = [item for item in items if item["bucketId"] == bucket_id]
        compare_order(life, f"/v1/buckets/{bucket_id}/items", "items", in_order("items", mine))
    told_by = Counter(entry["itemId"] for entry in kept.things["entries"].values())
    for item_id in [item_id for item_id, times in told_by.items() if times > 1]:
        story = [entry for entry in kept.things["entries"].values() if entry["itemId"] == item_id]
        compare_order(life, f"/v1/items/{item_id}/entries", "entries", in_order("entries", story))
    for photo in kept.things["photos"].values():
        of = f"entries/{photo['entryId']}" if photo["entryId"] else f"items/{photo['itemId']}"
        compare_order(life, f"/v1/{of}/photos", "photos", kept.in_list("photos", photo))
    told = {tag["name"]: tag["itemCount"] for tag in life.talk.pages("/v1/tags", "tags")}
    if told != Counter(tag for item in items for tag in item["tags"]):
        raise Broken(f"The tags are {told}")


def compare_order(life: Doings, path: str, kind: str, ids: list[str]) -> None:
    found = [thing["id"] for thing in life.talk.pages(f"{path}?limit=100", kind)]
    if found != ids:
        raise Broken(f"{path} has {found}, and {ids} were kept, in this order")


def compare_histories(life: Doings) -> None:
    for item_id in life.kept.things["items"]:
        life.kept.past.compare(item_id, life.talk.pages(f"/v1/items/{item_id}/history?limit=100", "history"))


def compare_files(life: Doings, photo: Thing) -> None:
    for size in ("original", "preview", "thumbnail"):
        sent = life.talk.read_bytes(f"/v1/photos/{photo['id']}/{size}")
        if size == "original" and hashlib.sha256(sent).hexdigest() != photo["sha256"]:
            raise Broken(f"The original of {photo} is another")

"""Contract test by a client: keeps a life of 1,000 wishes as the document says, and compares it with its own copy.

Written from what the service publishes alone: the reference, the conventions, the document. It keeps what it has sent,
as somebody's own program would, follows the changes feed as one that was offline does, and undoes much of what it
deletes. At the end both copies have to be what the lists say, and each operation of the document has been called.
"""

import hashlib
import json
from random import Random

from contract.doings import DOINGS, Doings
from contract.followed import Followed
from contract.fuzzing import Broken
from contract.kept import LISTS
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
        life.make_bucket()
    for _ in range(WISHES):
        life.make_wish()
    doings = [*DOINGS, *life.chance.choices(list(DOINGS), list(DOINGS.values()), k=CHANGES)]
    for number, doing in enumerate(doings):
        getattr(life, doing)()
        if number % 100 == 0:
            followed.catch_up()
    compare(life, followed)
    life.talk.leave()
    if forgotten := life.talk.operations() - life.talk.called - NEEDS_MAIL:
        raise Broken(f"A life does without {sorted(forgotten)}")
    return life.talk.requests


def compare(life: Doings, followed: Followed) -> None:
    """Both copies with the lists, and the bytes of photos with what was sent; then the trash is emptied."""
    followed.catch_up()
    for kind, path in LISTS.items():
        there = {thing["id"]: thing for thing in life.talk.pages(path, kind)}
        life.kept.compare(kind, there)
        followed.compare(kind, there)
    for photo in life.kept.things["photos"].values():
        of = f"/v1/entries/{photo['entryId']}" if photo["entryId"] else f"/v1/items/{photo['itemId']}"
        if photo["id"] not in {each["id"] for each in life.talk.pages(f"{of}/photos", "photos")}:
            raise Broken(f"{of} has no {photo}")
        for size in ("original", "preview", "thumbnail"):
            sent = life.talk.read_bytes(f"/v1/photos/{photo['id']}/{size}")
            if size == "original" and hashlib.sha256(sent).hexdigest() != photo["sha256"]:
                raise Broken(f"The original of {photo} is another")
    told = json.dumps(sorted(tag["name"] for tag in life.talk.pages("/v1/tags", "tags")))
    if told != json.dumps(sorted({tag for item in life.kept.things["items"].values() for tag in item["tags"]})):
        raise Broken(f"The tags are {told}")
    life.talk.expect("DELETE", "/v1/trash", status=204)
    if life.talk.pages("/v1/trash", "trash"):
        raise Broken("The trash was emptied, and is not empty")

"""Something of everything that can be deleted, to be moved to the trash and back."""

from datetime import timedelta
from typing import Any

from bucketlist.kit import clock
from bucketlist.kit.file_storage import FileKey, files
from tests.people import Person
from tests.responses import json_of


class Life:
    """A bucket with two items, of which the first has a tag, a completing entry and a photo."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.bucket = person.make_bucket("Far away", description="Where the maps end")["id"]
        self.item = person.make_item(self.bucket, "See the lights", tags=["winter"], target="2031")["id"]
        self.other = person.make_item(self.bucket, "Learn the cello")["id"]
        self.entry = person.make_entry(self.item, title="The last night", date="2026-11-24")["id"]
        self.photo = person.make_photo(self.item, caption="At two")["id"]

    @property
    def paths(self) -> dict[str, str]:
        return {
            "bucket": f"/v1/buckets/{self.bucket}",
            "item": f"/v1/items/{self.item}",
            "entry": f"/v1/entries/{self.entry}",
            "photo": f"/v1/photos/{self.photo}",
        }

    def delete(self, *kinds: str) -> list[str]:
        """Move them to the trash; where they lie there."""
        found = []
        for kind in kinds:
            assert self.person.delete(self.paths[kind]).status_code == 204
            found.append(trash_of(self.person)[0]["id"])
        return found

    def look(self) -> dict[str, Any]:
        """All that is answered of it anywhere, but for the trash and where versions are told."""
        bucket, item = self.paths["bucket"], self.paths["item"]
        lists = ["/v1/buckets", "/v1/items", "/v1/entries", "/v1/photos", "/v1/tags"]
        lists += [f"{bucket}/items", f"{item}/entries", f"{item}/photos"]
        lists += ["/v1/buckets?q=maps", "/v1/items?q=lights", "/v1/items?tag=winter", "/v1/entries?q=night"]
        lists += ["/v1/items?sort=-target&state=done", "/v1/buckets?sort=-name"]
        files_of = [f"{self.paths['photo']}/{form}" for form in ("original", "preview", "thumbnail")]
        told = {path: self.person.get(path) for path in (*self.paths.values(), *lists, *files_of)}
        return {path: (answer.status_code, answer.data) for path, answer in told.items() if answer.status_code == 200}


def trash_of(person: Person, parameters: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json_of(person.get(f"/v1/trash{parameters}"))["trash"]
    return found


def restore(person: Person, trash_id: str) -> Any:
    return person.post(f"/v1/trash/{trash_id}/restore")


def files_of(person: Person) -> list[FileKey]:
    """All that are kept of somebody, how young they are."""
    soon = clock.now() + timedelta(hours=1)
    return [key for key in files().find_keys(soon) if key.owner_id == person.id]

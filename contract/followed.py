"""Offline client of the contract test: a copy that the changes feed alone keeps up to date."""

from typing import Any

from contract.fuzzing import Broken
from contract.kept import LISTS, PARENTS
from contract.past import Thing
from contract.talk import Talk

COUNTED = ("itemCount", "doneCount", "photoCount", "itemName")


class Followed:
    """Things by kind and id, as the feed told them."""

    def __init__(self, talk: Talk) -> None:
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in LISTS}
        self._talk, self._cursor = talk, ""

    def catch_up(self) -> None:
        """Take all that has changed since the last time, as after a while without a network."""
        more = True
        while more:
            page = self._talk.expect("GET", f"/v1/changes?limit=100{f'&since={self._cursor}' * bool(self._cursor)}")
            for change in page["changes"]:
                self._follow(change)
            self._cursor, more = page["cursor"], page["more"]

    def _follow(self, change: dict[str, Any]) -> None:
        kind = {"bucket": "buckets", "item": "items", "entry": "entries", "photo": "photos"}.get(change["kind"], "")
        if not kind:
            return
        if change["action"] == "deleted":
            self.things[kind].pop(change["id"], None)
        else:
            self.things[kind][change["id"]] = change["data"]

    def compare(self, kind: str, there: dict[str, Thing]) -> None:
        """Raises: `Broken` unless the changes feed told all that is there; of what is in something gone, nothing."""
        if kind in PARENTS:
            field, parents = PARENTS[kind]
            self.things[kind] = {
                key: each for key, each in self.things[kind].items() if each[field] in self.things[parents]
            }
        if kind == "photos":
            entries = self.things["entries"].keys() | {None}
            self.things[kind] = {key: each for key, each in self.things[kind].items() if each["entryId"] in entries}
        told, found = ({key: followable(each) for key, each in copy.items()} for copy in (self.things[kind], there))
        if told != found:
            odd = [key for key in told.keys() | found.keys() if told.get(key) != found.get(key)]
            raise Broken(
                f"{kind}: the feed told {told.get(odd[0])}, the list {found.get(odd[0])}, and {len(odd)} in all"
            )


def followable(thing: Thing) -> Thing:
    """What the feed tells: counts follow from what was counted, and the journal adds the names of items."""
    return {name: value for name, value in thing.items() if name not in COUNTED}

"""History of items as a client of the contract test has it: what it did, and what that changed, to be compared."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from contract.fuzzing import Broken

Thing = dict[str, Any]
Hand = tuple[str | None, str | None]  # the session that writes, or the personal token
NOT_TOLD = ("position", "createdAt", "modifiedAt")  # what the server keeps by itself is no field that changes


class Act(NamedTuple):
    """What was done to an item. `at` is a time when an answer told it; no fields, when many things were changed."""

    action: str
    by: Hand
    at: str | None = None
    fields: dict[str, list[Any]] | None = None

    @property
    def is_of_many(self) -> bool:
        return self.action == "changed" and not self.fields


class Past:
    """Of each item, by its id, what was done to it, the newest last; `hand` is who writes now."""

    def __init__(self) -> None:
        self.hand: Hand = (None, None)
        self._acts: dict[str, list[Act]] = {}

    def create(self, item: Thing) -> None:
        self._acts[item["id"]] = [Act("created", self.hand, item["createdAt"])]

    def change(self, before: Thing, after: Thing, at: str | None = None) -> None:
        """Nothing is told of what stays as it is."""
        names = after.keys() - NOT_TOLD
        fields = {name: [before[name], after[name]] for name in names if before[name] != after[name]}
        if fields:
            self._acts[after["id"]].append(Act("changed", self.hand, at, fields))

    def change_many(self, ids: Iterable[str]) -> None:
        """Only the last time is told, and not what changed."""
        for item_id in ids:
            kept = [act for act in self._acts[item_id] if not act.is_of_many]
            self._acts[item_id] = [*kept, Act("changed", self.hand)]

    def note(self, action: str, item_id: str) -> None:
        """That it was `deleted` or `restored`."""
        self._acts[item_id].append(Act(action, self.hand))

    def compare(self, item_id: str, told: list[Thing]) -> None:
        """Raises: `Broken` unless `told`, newest first, is what was done, each later than the one before."""
        found = [_act_of(row) for row in reversed(told)]
        mine = self._acts[item_id]
        known = [act._replace(at=each.at if act.at is None else act.at) for act, each in zip(mine, found, strict=False)]
        if len(mine) != len(found) or known != found:
            odd = next((pair for pair in zip(known, found, strict=False) if pair[0] != pair[1]), (mine, found))
            raise Broken(f"History of {item_id} has {len(found)} rows and not {len(mine)}; done and told are {odd}")
        if [act.at for act in found] != sorted(str(act.at) for act in found):
            raise Broken(f"History of {item_id} is not in the order of its times: {found}")


def _act_of(row: Thing) -> Act:
    fields = {each["field"]: [each["from"], each["to"]] for each in row["fields"]}
    return Act(row["action"], (row["sessionId"], row["tokenId"]), row["at"], fields or None)

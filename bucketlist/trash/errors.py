"""Refusal of what cannot be restored as yet."""

from collections.abc import Mapping

from bucketlist.kit.errors import Conflict


class ParentInTrash(Conflict):
    """What it was in is hidden as well, and so it would be."""

    code, title = "parent_in_trash", "What it was in is in the trash as well"
    default_detail = "What this was in lies in the trash as well; restore that first. Nothing was restored."

    def __init__(self, detail: str | None = None, *, parent: Mapping[str, str | None] | None = None) -> None:
        """`parent` are the fields of `ParentOut`."""
        super().__init__(detail)
        self.members = {"parent": parent} if parent else {}

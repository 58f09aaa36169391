"""Notification messages (toasts): what was just done, and the one form that takes it back.

Without a script, one crosses a redirect in a cookie; it holds words of a closed list and an id, and no text.
"""

from typing import NamedTuple

from bucketlist.kit.ids import is_id
from bucketlist.web.languages import gettext as _

LESS = ("less-open", "less-doing", "less-done", "less-dropped")  # once less, and the state as it was
UNDO = ("done", "reopen", "start", "drop", "move", "delete", *LESS)  # forms of a wish


class Toast(NamedTuple):
    """What was done, to which thing, and by which form of it that is undone; `value` belongs to that form."""

    did: str
    thing_id: str = ""
    undo: str = ""
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> "Toast | None":
        """What `to_text` made; None for anything else."""
        parts = text.split("!")
        if len(parts) != 4 or parts[0] not in sentences():
            return None
        did, thing_id, undo, value = parts
        is_known = (undo in UNDO or not undo) and all(not one or is_id(one) for one in (thing_id, value))
        return cls(did, thing_id, undo, value) if is_known else None

    def to_text(self) -> str:
        return "!".join(self)

    @property
    def sentence(self) -> str:
        return sentences()[self.did]


def sentences() -> dict[str, str]:
    return {
        "done": _("Done!"),
        "one-more": _("One more."),
        "last-one": _("That was the last one. Done!"),
        "taken-back": _("Taken back."),
        "told": _("It is in the story now."),
        "told-done": _("Done! It is in the story now."),
        "photos": _("The photos are in."),
        "no-photos": _("No photo was chosen."),
        "reopened": _("Back in the bucket."),
        "started": _("Under way."),
        "dropped": _("Let go."),
        "moved": _("Moved."),
        "added": _("Added."),
        "saved": _("Saved."),
        "list-added": _("Here is your new list."),
        "deleted": _("It is gone."),
        "signed-out-there": _("Signed out there."),
        "token-ended": _("The token is worthless now."),
        "welcome": _("Welcome! This is your bucket."),
    }

"""Notification messages (toasts): what was just done, and the one form that takes it back.

Without a script, one crosses a redirect in a cookie; it holds words of a closed list and an id, and no text.
"""

import re
from typing import NamedTuple

from bucketlist.bulk.service import Act
from bucketlist.kit.ids import is_id
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import ngettext

LESS = ("less-open", "less-doing", "less-done", "less-dropped")  # once less, and the state as it was
UNDO = ("done", "reopen", "start", "drop", "move", "delete", "restore", "several", *LESS)  # forms of one or of several
_is_act = re.compile(r"[1-9]\d{0,14}-[1-9]\d{0,14}-\d{1,4}", re.ASCII).fullmatch
SEVERAL = ("several-tagged", "several-moved", "several-dropped", "several-trashed", "several-added", "several-undone")


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
        is_value = not value or is_id(value) or (did.startswith("several-") and _is_act(value) is not None)
        is_known = (undo in UNDO or not undo) and (not thing_id or is_id(thing_id)) and is_value
        return cls(did, thing_id, undo, value) if is_known else None

    def to_text(self) -> str:
        return "!".join(self)

    @property
    def act(self) -> Act | None:
        """What was done to several at once."""
        return Act(*map(int, self.value.split("-"))) if _is_act(self.value) else None

    @property
    def sentence(self) -> str:
        return sentences()[self.did] if self.act is None else sentence_of_several(self.did, self.act.size)


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
        "trashed": _("In the trash."),
        "restored": _("It is back in its place."),
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
        "nothing-changed": _("All of it was so already."),
        **dict.fromkeys(SEVERAL, ""),
    }


def sentence_of_several(did: str, size: int) -> str:
    """What was done to so many wishes."""
    if not size:
        return _("They have changed since, and stay as they are.")
    forms = {
        "several-tagged": ngettext("%(number)s wish tagged.", "%(number)s wishes tagged.", size),
        "several-moved": ngettext("%(number)s wish moved.", "%(number)s wishes moved.", size),
        "several-dropped": ngettext("%(number)s wish let go.", "%(number)s wishes let go.", size),
        "several-trashed": ngettext("%(number)s wish is in the trash.", "%(number)s wishes are in the trash.", size),
        "several-added": ngettext("%(number)s wish added.", "%(number)s wishes added.", size),
        "several-undone": ngettext(
            "%(number)s wish is as it was before.", "%(number)s wishes are as they were before.", size
        ),
    }
    return forms[did] % {"number": size}

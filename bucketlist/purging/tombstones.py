"""Tombstones: what was deleted, and whose rows are still to be purged."""

from typing import Literal, NamedTuple

Kind = Literal["account", "history", "tokens", "trash"]


class Tombstone(NamedTuple):
    """What is to be purged of an account: all of it, refresh tokens whose session ended, trash that is emptied.

    Or what there is too much of: the history of things that changed often. `id` is the user's.
    """

    user_id: str
    kind: Kind
    id: str

"""Tombstones: what was deleted, and whose rows are still to be purged."""

from typing import Literal, NamedTuple

Kind = Literal["account", "bucket", "history", "tokens"]


class Tombstone(NamedTuple):
    """What was deleted: an account (`id` is the user's), a bucket, refresh tokens whose session ended (the user's).

    Or what there is too much of: the history of things that changed often (the user's).
    """

    user_id: str
    kind: Kind
    id: str

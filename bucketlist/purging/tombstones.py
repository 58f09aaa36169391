"""Tombstones: what was deleted, and whose rows are still to be purged."""

from typing import Literal, NamedTuple

Kind = Literal["account", "bucket", "tokens"]


class Tombstone(NamedTuple):
    """What was deleted: an account (`id` is the user's), a bucket, refresh tokens whose session ended (the user's)."""

    user_id: str
    kind: Kind
    id: str

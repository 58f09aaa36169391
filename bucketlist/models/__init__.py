"""Database schema: every table, on a page for each subject.

The schema rules (`handbook/decisions/0003-schema-rules.md`): ids are made by the application; a table that belongs to a
user has `user_id`, the primary key `(user_id, id)` and foreign keys `(user_id, x_id)`, so that not even the database
could mix two people's rows, and users can be spread over several databases; what must be found without knowing the
user lives in small directory tables that refer to nothing: this page says which. `version` is the number of
the last change, for ETags; of a row that is not recorded, it counts its changes.
"""

from sqlalchemy import Column, Table

from bucketlist.models.base import JSON_LIST, NAMES, Folded, Id, Time, metadata, owner
from bucketlist.models.changes import ACTIONS, changes
from bucketlist.models.files import files
from bucketlist.models.limits import attempts, idempotency_keys, tombstones
from bucketlist.models.lists import MOST_TIMES, STATES, buckets, entries, item_tags, items
from bucketlist.models.people import (
    blacklisted_tokens,
    email_addresses,
    invitations,
    known_networks,
    mail_links,
    outbox,
    refresh_tokens,
    sessions,
    users,
)
from bucketlist.models.trash import trash

__all__ = [
    "ACTIONS",
    "DIRECTORY",
    "JSON_LIST",
    "MOST_TIMES",
    "NAMES",
    "OWNED",
    "STATES",
    "Folded",
    "Id",
    "Time",
    "attempts",
    "blacklisted_tokens",
    "buckets",
    "changes",
    "email_addresses",
    "entries",
    "files",
    "idempotency_keys",
    "invitations",
    "is_owned",
    "item_tags",
    "items",
    "known_networks",
    "mail_links",
    "metadata",
    "outbox",
    "owner",
    "owner_key",
    "refresh_tokens",
    "sessions",
    "tombstones",
    "trash",
    "users",
]


def is_owned(table: Table) -> bool:
    """Does each of its rows belong to a user? A table of any revision: only those of a directory refer to nothing."""
    return table.name == users.name or bool(table.foreign_keys)


def owner_key(table: Table) -> Column[str]:
    """Distribution key (shard key) of an owned table: the column that says whose a row is."""
    return table.c.id if table.name == users.name else table.c.user_id


OWNED = tuple(table for table in metadata.sorted_tables if is_owned(table))  # each after those that it refers to
DIRECTORY = (email_addresses, refresh_tokens, mail_links, invitations, attempts)

"""Directory repair: the index of email addresses is made whole again from the accounts, which hold all that is in it.

Whoever is found by their email stays so. Whoever is not gets the folded address, or else their own spelling
(`kit/emails.py`): the confirmed first, then the older. An entry gives way to who needs it when its account has another
address, or is not there. Beside that, entries go only where it is known why they are there: an account that is found
needs no others, and one that was deleted needs none.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, exists, insert, not_, select, text

from bucketlist.config import Settings
from bucketlist.kit.emails import fold_email, spelling
from bucketlist.migrations import runner
from bucketlist.models import email_addresses, tombstones, users

BATCH = 1000
IDS_TOLD = 10
LOCK = text(f"LOCK TABLE {email_addresses.name} IN SHARE ROW EXCLUSIVE MODE")  # whoever signs up waits
IS_CONFIRMED = users.c.email_confirmed_at.is_not(None)

_entry, _holder = email_addresses.c.email_folded, email_addresses.c.user_id
REMOVE = delete(email_addresses).where(_entry == bindparam("entry"), _holder == bindparam("holder"))
REMOVE_OF_NOBODY = delete(email_addresses).where(~exists().where(users.c.id == _holder))


class DirectoryRepair:
    """What a repair has done, and the ids of accounts that stay lost, as others are found by the same address."""

    def __init__(self, connection: Connection) -> None:
        self.added = self.removed = 0
        self.lost: list[str] = []
        self._connection = connection

    def __str__(self) -> str:
        told = f"Entries of the directory of emails: {self.added:,} added, {self.removed:,} removed."
        if self.lost:
            ids = ", ".join(self.lost[:IDS_TOLD]) + (", …" if self.lost[IDS_TOLD:] else "")
            told += f" Accounts that stay lost, as others are found by their email: {len(self.lost):,} ({ids})."
        return told

    @property
    def did_anything(self) -> bool:
        return bool(self.added or self.removed or self.lost)

    def run(self) -> None:
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(LOCK)
        for whose in (IS_CONFIRMED, not_(IS_CONFIRMED)):
            for accounts in self._batches(whose):
                self._repair(accounts)

    def remove_entries_of_nobody(self) -> None:
        """For a restore, where it is known who there is: everybody in the backup."""
        self.removed += self._connection.execute(REMOVE_OF_NOBODY).rowcount

    def _batches(self, whose: ColumnElement[bool]) -> Iterator[Sequence[Row[Any, Any]]]:
        """Accounts by id, which is by age."""
        wanted = select(users.c.id, users.c.email).where(whose).order_by(users.c.id).limit(BATCH)
        rows = self._connection.execute(wanted).all()
        while rows:
            yield rows
            rows = self._connection.execute(wanted.where(users.c.id > rows[-1].id)).all()

    def _repair(self, accounts: Sequence[Row[Any, Any]]) -> None:
        deleted = self._find_deleted(accounts)
        held: defaultdict[str, set[str]] = defaultdict(set)
        ids = [account.id for account in accounts]
        for entry, holder in self._connection.execute(select(_entry, _holder).where(_holder.in_(ids))):
            held[holder].add(entry)
        there = {account.id: account.email for account in accounts if account.id not in deleted}
        wanted = {who: entries_of(email) for who, email in there.items()}
        lost = self._claim({who: entries for who, entries in wanted.items() if not held[who] & set(entries)})
        useless = [
            {"entry": entry, "holder": who}
            for who, entries in held.items()
            for entry in entries
            if who not in lost and entry not in wanted.get(who, ())
        ]
        if useless:
            self.removed += self._connection.execute(REMOVE, useless).rowcount
        self.lost += lost

    def _find_deleted(self, accounts: Sequence[Row[Any, Any]]) -> set[str]:
        ids = [account.id for account in accounts]
        is_account = tombstones.c.kind == "account"
        wanted = select(tombstones.c.user_id).where(is_account, tombstones.c.user_id.in_(ids))
        return set(self._connection.scalars(wanted))

    def _claim(self, wanted: dict[str, tuple[str, ...]]) -> list[str]:
        """Give each account the first of the entries that are good for it which nobody needs; who gets none."""
        needed = self._find_needed({entry for entries in wanted.values() for entry in entries})
        given: dict[str, str] = {}
        for who, entries in wanted.items():
            free = [entry for entry in entries if entry not in needed and entry not in given]
            if free:
                given[free[0]] = who
        if given:
            self._connection.execute(delete(email_addresses).where(_entry.in_(given)))
            rows = [{"email_folded": entry, "user_id": who} for entry, who in given.items()]
            self._connection.execute(insert(email_addresses), rows)
        self.added += len(given)
        return [who for who in wanted if who not in set(given.values())]

    def _find_needed(self, entries: set[str]) -> set[str]:
        """Those by which the accounts that hold them are found."""
        found = self._connection.execute(select(_entry, _holder).where(_entry.in_(entries)))
        holders = {row.email_folded: row.user_id for row in found}
        wanted = select(users.c.id, users.c.email).where(users.c.id.in_(set(holders.values())))
        accounts = self._connection.execute(wanted).all()
        deleted = self._find_deleted(accounts)
        good = {account.id: entries_of(account.email) for account in accounts if account.id not in deleted}
        return {entry for entry, holder in holders.items() if entry in good.get(holder, ())}


def entries_of(email: str) -> tuple[str, str]:
    """The two by which an account is found, the usual one first."""
    return fold_email(email), spelling(email)


def repair_directory(settings: Settings) -> DirectoryRepair:
    """Repair the directory of a database that has the schema of this version. Raises: `MigrationError`."""
    with runner.transaction(settings) as connection:
        repair = DirectoryRepair(connection)
        repair.run()
        return repair

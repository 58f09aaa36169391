"""Directory repair: everybody is found by their email again, and what nobody can explain stays."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from bucketlist.backup import backups
from bucketlist.backup.backups import make_backup, restore_backup
from bucketlist.backup.directory import repair_directory
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit.ids import new_id
from bucketlist.models import email_addresses, tombstones, users
from tests.backup.steps import command, log_in, refused, rows_of
from tests.commands import refusal
from tests.raw_database import open_database

MOMENT = "2026-11-24T12:00:00.000Z"
TO_ADA = "UPDATE email_addresses SET user_id = (SELECT user_id FROM email_addresses WHERE email_folded LIKE 'ada@%')"
TORN = {  # what snapshots of several servers, seconds apart, show of the directory
    "somebody signed up": "DELETE FROM email_addresses",
    "somebody left": "UPDATE email_addresses SET user_id = '019abcde-0000-7000-8000-000000000000'",
    "somebody has another address": "UPDATE email_addresses SET email_folded = 'x' || email_folded",
    "somebody took another’s": f"{TO_ADA} WHERE email_folded NOT LIKE 'ada@%'",
}


def spoil(settings: Settings, sql: str) -> None:
    with open_database(settings) as connection:
        connection.execute(text(sql))


def add_user(settings: Settings, email: str, *entries: str, confirmed_at: str | None = None) -> str:
    """An account with these entries in the directory."""
    row = {"id": new_id(), "email": email, "password_hash": "x", "version": 1, "email_confirmed_at": confirmed_at}
    with open_database(settings) as connection:
        connection.execute(insert(users), row | {"created_at": MOMENT, "modified_at": MOMENT})
        for entry in entries:
            connection.execute(insert(email_addresses).values(email_folded=entry, user_id=row["id"]))
    return str(row["id"])


def directory_of(settings: Settings) -> dict[str, str]:
    with open_database(settings) as connection:
        found = connection.execute(select(email_addresses.c.email_folded, email_addresses.c.user_id))
        return {str(entry): str(holder) for entry, holder in found}


@pytest.mark.parametrize("sql", TORN.values(), ids=TORN)
def test_whoever_was_lost_is_found_again(filled: Settings, sql: str, tmp_path: Path) -> None:
    before = rows_of(filled)
    spoil(filled, sql)

    told = command(filled, tmp_path, "verify", "--repair-directory")

    assert rows_of(filled) == before
    assert told.startswith("Entries of the directory of emails: ")
    assert "All is well" in told
    assert log_in(filled) == 200


def test_a_directory_that_is_whole_stays_as_it_is(filled: Settings, tmp_path: Path) -> None:
    before = rows_of(filled)

    told = command(filled, tmp_path, "verify", "--repair-directory")

    assert told.startswith("Entries of the directory of emails: 0 added, 0 removed.\nAll is well")
    assert rows_of(filled) == before


def test_of_two_accounts_with_one_email_who_is_found_by_it_stays_so(filled: Settings, tmp_path: Path) -> None:
    """Also when the other is older, and confirmed: it is not known what the one that is found did meanwhile."""
    older = add_user(filled, "Dora@example.com", confirmed_at=MOMENT)
    newer = add_user(filled, "dora@example.com", "dora@example.com")

    repair = repair_directory(filled)

    assert (repair.added, repair.removed, repair.lost) == (0, 0, [older])
    assert directory_of(filled)["dora@example.com"] == newer
    assert refused(filled, tmp_path, "verify") == "Users who cannot be found by their email: 1."


@pytest.mark.parametrize(("confirmed_at", "winner"), [(None, 0), (MOMENT, 1)])
def test_of_two_lost_accounts_the_confirmed_is_found_then_the_older(
    filled: Settings, confirmed_at: str | None, winner: int
) -> None:
    both = [add_user(filled, "dora@example.com"), add_user(filled, "dora@EXAMPLE.com", confirmed_at=confirmed_at)]

    repair = repair_directory(filled)

    assert directory_of(filled)["dora@example.com"] == both[winner]
    assert repair.lost == [both[1 - winner]]
    assert str(repair).endswith(f"Accounts that stay lost, as others are found by their email: 1 ({repair.lost[0]}).")


def test_two_spellings_of_one_mailbox_are_both_found(filled: Settings) -> None:
    first, second = (add_user(filled, f"dora@{domain}") for domain in ("m\u00fcller.example", "M\u00fcller.example"))

    repair_directory(filled)

    found = directory_of(filled)
    assert (found["dora@xn--mller-kva.example"], found["dora@m\u00fcller.example"]) == (first, second)


def test_what_nobody_can_explain_stays_and_is_told(filled: Settings) -> None:
    spoil(filled, "INSERT INTO email_addresses VALUES ('dora@example.com', '019abcde-0000-7000-8000-000000000000')")
    lost = add_user(filled, "ada@example.com", "old@example.com")

    repair = repair_directory(filled)

    assert (repair.added, repair.removed, repair.lost) == (0, 0, [lost])
    assert "dora@example.com" in directory_of(filled)
    assert directory_of(filled)["old@example.com"] == lost
    assert "Emails that belong to nobody: 1." in find_problems(filled)


def test_a_deleted_account_is_not_found_again(filled: Settings) -> None:
    gone = add_user(filled, "dora@example.com", "dora@example.com")
    with open_database(filled) as connection:
        connection.execute(insert(tombstones).values(user_id=gone, kind="account", id=gone))

    repair = repair_directory(filled)

    assert (repair.added, repair.removed) == (0, 1)
    assert gone not in directory_of(filled).values()


def test_accounts_are_looked_at_in_batches(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = directory_of(filled)
    monkeypatch.setattr("bucketlist.backup.directory.BATCH", 2)
    spoil(filled, TORN["somebody took another’s"])

    repair_directory(filled)

    assert directory_of(filled) == before


@pytest.mark.parametrize("sql", TORN.values(), ids=TORN)
def test_a_restore_makes_the_directory_of_a_distributed_database_whole(
    filled: Settings, empty: Settings, sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = directory_of(filled)
    spoil(filled, sql)
    with monkeypatch.context() as patch:
        patch.setattr(backups, "is_distributed", lambda _: True)
        make_backup(filled, tmp_path / "torn.zip")

    done = restore_backup(empty, tmp_path / "torn.zip")

    assert done.directory.did_anything
    assert directory_of(empty) == before
    assert find_problems(empty) == []


def test_a_file_has_no_directory_to_repair(tmp_path: Path) -> None:
    told = refusal(tmp_path, "verify", "all.zip", "--repair-directory")

    assert told == "--repair-directory is about the database, not about a file."

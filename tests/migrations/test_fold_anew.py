"""F7, F18, R12: migration 0006, case folding: what was folded before is folded anew, and nobody is lost by it."""

from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import Connection, text

from bucketlist.accounts import queries
from bucketlist.app import create_app
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit.db.database import database as database_at_work
from bucketlist.kit.ids import new_id
from bucketlist.kit.text import fold
from bucketlist.migrations import runner
from bucketlist.services import services_of
from tests.raw_database import open_database, read_all_tables

EARLY, LATE = "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"
ACCOUNTS = {  # as they were kept: the address, the key it was found by, when it was confirmed
    "wide": ("\uff46oo@example.com", "foo@example.com", None),
    "long s": ("\u017fam@example.com", "sam@example.com", None),
    "sharp s": ("stra\u00dfe@example.com", "strasse@example.com", LATE),
    "umlaut": ("dora@b\u00fccher.example.com", "dora@b\u00fccher.example.com", None),
    "a-label": ("Dora@xn--bcher-kva.example.com", "dora@xn--bcher-kva.example.com", None),
    "younger": ("ida@M\u00fcnchen.example.com", "ida@m\u00fcnchen.example.com", None),
    "confirmed": ("ida@mu\u0308nchen\u3002example.com", "ida@m\u00fcnchen\u3002example.com", LATE),
    "plain": ("Ben@example.com", "ben@example.com", EARLY),
}
INSERTS = {
    "users": "INSERT INTO users (id, email, password_hash, version, created_at, modified_at, email_confirmed_at)"
    " VALUES (:id, :email, 'x', 1, :early, :early, :confirmed)",
    "emails": "INSERT INTO emails (email_folded, user_id) VALUES (:key, :id)",
    "links": "INSERT INTO mail_links (token_hash, user_id, kind, email_folded, expires_at)"
    " VALUES (:email, :id, 'reset', :key, :late)",
    "buckets": "INSERT INTO buckets (user_id, id, name, name_folded, description, description_folded, position,"
    " version, created_at, modified_at) VALUES (:id, :id, :name, :old, :name, :old, 1, 1, :early, :early)",
}
NAMES = ["\u0130stanbul", "\u0131l\u0131k", "\u1fbc\u0342", "Caf\u00e9", "plain", "\u1ebf" + "\u0315\u0300" * 200]


@pytest.fixture
def people(settings: Settings) -> dict[str, str]:
    """The ids of those who were there before."""
    runner.upgrade(settings, "0005")
    ids = {name: new_id() for name in ACCOUNTS}
    with open_database(settings) as connection:
        for name, (email, key, confirmed) in ACCOUNTS.items():
            values = {"id": ids[name], "email": email, "key": key, "confirmed": confirmed, "early": EARLY, "late": LATE}
            execute(connection, ("users", "emails", "links"), values)
    return ids


def execute(connection: Connection, names: tuple[str, ...], values: Mapping[str, str | None]) -> None:
    for name in names:
        used = {key: value for key, value in values.items() if f":{key}" in INSERTS[name]}
        connection.execute(text(INSERTS[name]), used)


@pytest.fixture
def upgraded(settings: Settings, people: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same, with the application at work on what has become of it."""
    runner.upgrade(settings)
    with services_of(create_app(settings)).at_work():
        yield people
        database_at_work().pool.close()


def test_f7_everybody_is_found_by_the_address_as_they_typed_it(upgraded: dict[str, str], settings: Settings) -> None:
    for name, (email, _, _) in ACCOUNTS.items():
        found = queries.find_user_by_email(email)
        assert (found and found.id) == upgraded[name], name
    assert find_problems(settings) == []


@pytest.mark.parametrize("email", ["foo@example.com", "sam@example.com", "strasse@example.com"])
def test_f7_an_address_that_another_stood_in_the_way_of_is_free(upgraded: dict[str, str], email: str) -> None:
    assert upgraded
    assert queries.find_user_by_email(email) is None


@pytest.mark.parametrize(
    ("email", "owner"),
    [
        ("DORA@XN--BCHER-KVA.example.com", "a-label"),
        ("dora@B\u00dcCHER.example.com", "a-label"),
        ("dora@b\u00fccher.EXAMPLE.com", "umlaut"),
        ("ida@xn--mnchen-3ya.example.com", "confirmed"),
        ("ida@M\u00dcNCHEN.example.com", "confirmed"),
        ("ida@M\u00fcnchen.example.com", "younger"),
    ],
)
def test_f7_of_two_accounts_of_one_mailbox_each_is_found_and_the_proven_one_by_all_other_spellings(
    upgraded: dict[str, str], email: str, owner: str
) -> None:
    found = queries.find_user_by_email(email)

    assert found is not None
    assert found.id == upgraded[owner]


def test_f7_links_that_were_sent_before_lead_where_they_did(upgraded: dict[str, str], settings: Settings) -> None:
    keys = {(row[1], row[0]) for row in read_all_tables(settings)["email_addresses"]}

    links = read_all_tables(settings)["mail_links"]

    assert len(links) == len(upgraded)
    assert {(row[1], row[3]) for row in links} == keys


def test_r12_a_proof_stays_unless_the_account_was_changed_since(settings: Settings, people: dict[str, str]) -> None:
    with open_database(settings) as connection:
        wanted = text("UPDATE users SET modified_at = '2026-03-01T00:00:00.000Z' WHERE id = :id")
        connection.execute(wanted, {"id": people["sharp s"]})

    runner.upgrade(settings)

    proven = {row[1] for row in read_all_tables(settings)["users"] if row[7] != "None"}
    assert proven == {ACCOUNTS[name][0] for name in ("confirmed", "plain")}


def test_f18_names_and_descriptions_are_folded_anew_a_batch_at_a_time(
    settings: Settings, people: dict[str, str]
) -> None:
    with open_database(settings) as connection:
        for number, name in zip(people.values(), NAMES, strict=False):
            values = {"id": number, "name": name, "old": name.casefold(), "early": EARLY}
            execute(connection, ("buckets",), values)

    runner.upgrade(settings)

    rows = read_all_tables(settings)["buckets"]
    assert [(row[3], row[5]) for row in rows] == [(fold(str(row[2])), fold(str(row[4]))) for row in rows]
    assert find_problems(settings) == []


def test_f7_going_back_loses_nobody_either(upgraded: dict[str, str], settings: Settings) -> None:
    runner.downgrade(settings, "0005")

    assert len(read_all_tables(settings)["emails"]) == len(upgraded)
    runner.upgrade(settings)
    assert find_problems(settings) == []

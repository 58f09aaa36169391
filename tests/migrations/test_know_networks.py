"""R3: sessions and personal tokens from before an address was confirmed end with revision 0005, and no others."""

import pytest
from sqlalchemy import Connection, text

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit.ids import new_id
from bucketlist.migrations import runner
from tests.raw_database import open_database, read_all_tables

BEFORE, PROOF, AFTER, END = (f"2026-0{month}-01T00:00:00.000Z" for month in (1, 2, 3, 9))
CONFIRMED = {"proven": PROOF, "proven at once": BEFORE, "never proven": None}  # the address of each
MADE = {  # whose a session is, and when it was made
    "a stranger's": ("proven", BEFORE),
    "of the moment of the proof": ("proven", PROOF),
    "the owner's": ("proven", AFTER),
    "proven before": ("proven at once", AFTER),
    "unproven": ("never proven", BEFORE),
}
ADD_USER = (
    "INSERT INTO users (id, email, password_hash, version, created_at, modified_at, email_confirmed_at)"
    " VALUES (:id, :name, 'x', 1, :created, :created, :confirmed)"
)
ADD_EMAIL = "INSERT INTO emails (email_folded, user_id) VALUES (:name, :id)"
ADD_SESSION = (
    "INSERT INTO sessions (user_id, id, token_hash, name, scope, created_at, expires_at)"
    " VALUES (:user, :id, :hash, :name, :scope, :created, :ends)"
)
ADD_REFRESH_TOKEN = (
    "INSERT INTO refresh_tokens (token_hash, user_id, session_id, expires_at) VALUES (:hash, :user, :id, :ends)"
)


@pytest.fixture
def before(settings: Settings) -> Settings:
    """The settings of a database at the revision below, with people, sessions and tokens in it."""
    runner.upgrade(settings, "0004")
    ids = {name: new_id() for name in CONFIRMED}
    with open_database(settings) as connection:
        for name, confirmed in CONFIRMED.items():
            values = {"id": ids[name], "name": f"{name.replace(' ', '.')}@example.com", "confirmed": confirmed}
            connection.execute(text(ADD_USER), {**values, "created": BEFORE})
            connection.execute(text(ADD_EMAIL), {"id": values["id"], "name": values["name"]})
        for name, (user, created) in MADE.items():
            sign_in(connection, ids[user], name, created)
    return settings


def sign_in(connection: Connection, user: str, name: str, created: str) -> None:
    """A session with a refresh token, used and new, and a personal token."""
    session = {"user": user, "id": new_id(), "created": created, "ends": END}
    personal = {**session, "id": new_id(), "hash": f"personal {name}", "name": name, "scope": "read"}
    connection.execute(text(ADD_SESSION), {**session, "hash": None, "name": None, "scope": None})
    connection.execute(text(ADD_SESSION), personal)
    for number in range(2):
        values = {"hash": f"{number} {name}", "user": user, "id": session["id"], "ends": END}
        connection.execute(text(ADD_REFRESH_TOKEN), values)


def hashes(settings: Settings, table: str) -> list[str | None]:
    with open_database(settings) as connection:
        return list(connection.scalars(text(f"SELECT token_hash FROM {table} ORDER BY token_hash")))  # noqa: S608


def test_r3_what_was_made_before_the_address_was_confirmed_has_ended(before: Settings) -> None:
    runner.upgrade(before, "0005")

    stayed = MADE.keys() - {"a stranger's"}
    sessions = hashes(before, "sessions")
    assert {name for name in sessions if name} == {f"personal {name}" for name in stayed}
    assert sessions.count(None) == len(stayed)
    assert hashes(before, "refresh_tokens") == sorted(f"{number} {name}" for number in range(2) for name in stayed)


def test_r3_every_account_and_address_stays_what_it_was(before: Settings) -> None:
    people = {name: read_all_tables(before)[name] for name in ("users", "emails")}

    runner.upgrade(before, "0005")

    assert {name: read_all_tables(before)[name] for name in people} == people
    assert read_all_tables(before)["known_networks"] == []
    runner.upgrade(before)
    assert find_problems(before) == []


def test_r3_going_back_and_up_again_ends_nothing_else(before: Settings) -> None:
    runner.upgrade(before, "0005")
    sessions = read_all_tables(before)["sessions"]

    runner.downgrade(before, "0004")
    runner.upgrade(before, "0005")

    assert read_all_tables(before)["sessions"] == sessions

"""F28: `bucketlist user list` tells who there is and how much each keeps; `user invitations` who is invited."""

import json
import re
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.accounts import invitations, people, service
from bucketlist.auth.tokens import hash_token
from bucketlist.kit.db.database import execute
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.db.errors import StatementTimeout
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.text import fold
from bucketlist.services import services_of
from tests.authentication import bearer, sign_up
from tests.cli.conftest import Command
from tests.people import Person, make_person

FIELDS = "id, email, name, createdAt, confirmedAt, disabledAt, lastSeenAt, buckets, items, bytes"


def listed(bucketlist: Command, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in bucketlist("user", "list", "--json", *options).splitlines()]


def size(*texts: str) -> int:
    return sum(len(text.encode()) + len(fold(text).encode()) for text in texts)


def test_f28_everybody_is_listed_with_what_they_keep(bucketlist: Command, ada: Person, ben: Person) -> None:
    bucket = ada.make_bucket("Far \u00e4way", description="Not in winter")
    ada.make_item(bucket["id"], "\u2057 lights")

    first, second = listed(bucketlist)

    assert (first["id"], first["email"], first["buckets"], first["items"]) == (ada.id, ada.email, 1, 1)
    assert first["bytes"] == size("Far \u00e4way", "Not in winter", "\u2057 lights")
    assert (second["id"], second["buckets"], second["items"], second["bytes"]) == (ben.id, 0, 0, 0)


def test_f28_an_account_is_listed_with_its_times(bucketlist: Command, ada: Person) -> None:
    (before,) = listed(bucketlist)
    service.disable_user(service.get_user_by_email(ada.email))
    (after,) = listed(bucketlist)

    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z").fullmatch
    assert ", ".join(before) == FIELDS
    assert moment(before["createdAt"])
    assert moment(before["lastSeenAt"])
    assert (before["confirmedAt"], before["disabledAt"]) == (None, None)
    assert moment(after["disabledAt"])


@pytest.mark.parametrize("end", ["disable", "log out"])
def test_f28_who_is_disabled_or_logged_out_was_last_seen_when_they_got_in(client: FlaskClient, end: str) -> None:
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False) as clock:
        session = sign_up(client)
        clock.shift(60)
        if end == "disable":
            service.disable_user(service.get_user_by_email("dora@example.com"))
        else:
            client.post("/v1/auth/logout", headers=bearer(session))
        clock.shift(86_400)
        (found,) = people.list_people()

    assert found.last_seen_at == "2026-11-01T12:00:00.000Z"


def test_f28_who_never_got_in_was_never_seen(bucketlist: Command) -> None:
    bucketlist("user", "add", "ada@example.com", "--password", "a long walk by the sea")

    assert listed(bucketlist)[0]["lastSeenAt"] is None


def test_f28_a_page_of_people_is_read_with_one_statement(
    bucketlist: Command, app: ApiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PAGE", 3)
    everybody = [make_person(app, f"{number}@example.com").id for number in range(7)]
    seen: list[Compiled] = []
    services_of(app).database.on_execute = lambda statement, _: seen.append(statement)

    found = [person.id for person in people.list_people()]

    assert found == sorted(everybody)
    assert len(seen) == 4


def test_f28_people_with_more_than_a_statement_may_read_come_one_by_one(
    app: ApiApp, ada: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_out(statement: Any, values: Any) -> Any:
        if values["limit"] > 1:
            raise StatementTimeout
        return execute(statement, values)

    monkeypatch.setattr("bucketlist.accounts.people.execute", time_out)

    assert [person.id for person in people.list_people()] == [ada.id, ben.id]


def test_f28_a_line_for_people_says_what_counts(bucketlist: Command, ada: Person, ben: Person) -> None:
    ada.make_item(ada.make_bucket()["id"])
    service.disable_user(service.get_user_by_email(ben.email))

    head, first, second = bucketlist("user", "list").splitlines()

    assert head.split() == ["since", "last", "seen", "buckets", "items", "bytes", "email"]
    assert re.fullmatch(r"[\d-]{10}  [\d-]{10} +1 +1 +\d+  ada@example\.com  \(not confirmed\)", first)
    assert re.fullmatch(r"[\d-]{10}  - +0 +0 +0  ben@example\.com  \(not confirmed, disabled on [\d-]{10}\)", second)


def test_f28_those_who_are_kept_out_can_be_listed_alone(bucketlist: Command, ada: Person, ben: Person) -> None:
    service.disable_user(service.get_user_by_email(ben.email))

    assert [person["email"] for person in listed(bucketlist, "--disabled")] == [ben.email]
    assert ada.email not in bucketlist("user", "list", "--disabled")


NEW_PASSWORD = "a long walk by the sea"


@pytest.mark.parametrize("by", ["email", "id"])
def test_f28_an_open_invitation_is_listed_and_can_be_withdrawn(bucketlist: Command, refused: Command, by: str) -> None:
    bucketlist("user", "invite", "Dora@example.com")
    kept = bucketlist("user", "invite").strip().partition("=")[2]
    listed = [json.loads(line) for line in bucketlist("user", "invitations", "--json").splitlines()]

    told = bucketlist("user", "withdraw", "DORA@example.com" if by == "email" else listed[0]["id"])

    assert [one["email"] for one in listed] == ["dora@example.com", None]
    assert told == "The invitation is withdrawn.\n"
    _, line = bucketlist("user", "invitations").splitlines()
    assert line.split() == [hash_token(kept)[:12], listed[1]["createdAt"][:10], listed[1]["expiresAt"][:10], "anybody"]
    assert "no open invitation" in refused("user", "withdraw", listed[0]["id"])


def test_f28_a_withdrawn_invitation_is_worthless_and_one_that_expired_is_not_listed(
    bucketlist: Command, client: FlaskClient
) -> None:
    token = bucketlist("user", "invite", "dora@example.com").strip().partition("=")[2]
    bucketlist("user", "withdraw", "dora@example.com")
    fields = {"token": token, "email": "dora@example.com", "password": NEW_PASSWORD}
    with time_machine.travel("2026-01-01T12:00:00Z"):
        invitations.invite(None, 7)

    assert client.post("/sign-up", data=fields).status_code == 403
    assert len(bucketlist("user", "invitations").splitlines()) == 1

"""F28: `bucketlist user invitations` and `user withdraw`: who is invited can be seen, and taken back."""

import json

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.accounts import invitations
from bucketlist.auth.tokens import hash_token
from tests.cli.conftest import Command

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

"""F28: where accounts are made by invitation, one is good once, for some days, and for one address if so made."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.accounts import invitations
from bucketlist.auth.errors import EmailTaken, RegistrationClosed
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import invitations as table
from bucketlist.models import users
from bucketlist.ops import pruning
from bucketlist.services import services_of
from tests.authentication import is_signed_in
from tests.concurrency import together
from tests.people import PASSWORD, Person
from tests.responses import apart_from_request_id, code_of, json_of
from tests.rows import all_rows, count_rows
from tests.workers import WorkerWith

NEEDED = (403, "invitation_needed")


@pytest.fixture
def inviting(app: ApiApp, worker_with: WorkerWith, request: pytest.FixtureRequest) -> Iterator[ApiApp]:
    """Another worker on the database of `app`, at work, that takes accounts by invitation; or as its parameter says."""
    worker = worker_with(registration=getattr(request, "param", "invite"), ratelimit_enabled=True)
    with services_of(worker).at_work():
        yield worker


@pytest.fixture
def door(inviting: ApiApp) -> FlaskClient:
    return inviting.test_client()


def sign_up(door: FlaskClient, token: str | None, email: str = "dora@example.com") -> TestResponse:
    invitation = {"invitation": token} if token is not None else {}
    return door.post("/v1/auth/register", json={"email": email, "password": PASSWORD, **invitation})


def test_f28_who_is_invited_makes_an_account_and_is_signed_in(door: FlaskClient) -> None:
    response = sign_up(door, invitations.invite(None, 7))

    assert response.status_code == 201
    assert is_signed_in(door, json_of(response))
    assert count_rows(table) == 0


def test_f28_who_is_not_invited_is_told_so(door: FlaskClient) -> None:
    assert code_of(sign_up(door, None)) == NEEDED
    assert count_rows(users) == 0


@pytest.mark.threat(row=73)
def test_f28_an_invitation_is_good_once(door: FlaskClient) -> None:
    token = invitations.invite(None, 7)
    sign_up(door, token)

    assert code_of(sign_up(door, token, "eve@example.com")) == NEEDED
    assert count_rows(users) == 1


@pytest.mark.threat(row=73)
def test_f28_of_many_who_come_with_one_invitation_one_gets_in(inviting: ApiApp) -> None:
    token = invitations.invite(None, 7)

    def come(number: int) -> int:
        return sign_up(inviting.test_client(), token, f"p{number}@example.com").status_code

    assert sorted(together(6, come)) == [201] + [403] * 5
    assert count_rows(users) == 1


@pytest.mark.threat(row=73)
@pytest.mark.parametrize("guess", ["", "guess", "x" * 43, "\u2603", "' OR 1=1 --"])
def test_f28_a_guess_is_answered_like_an_invitation_that_is_used(door: FlaskClient, guess: str) -> None:
    token = invitations.invite(None, 7)
    sign_up(door, token)

    used, guessed = sign_up(door, token, "eve@example.com"), sign_up(door, guess, "eve@example.com")

    assert apart_from_request_id(used) == apart_from_request_id(guessed)


@pytest.mark.threat(row=73)
def test_f28_guesses_are_counted_and_a_good_invitation_is_let_in_all_the_same(door: FlaskClient) -> None:
    token = invitations.invite(None, 7)

    guesses = [sign_up(door, f"guess {number}", "eve@example.com").status_code for number in range(22)]

    assert guesses == [403] * 20 + [429] * 2
    assert sign_up(door, token).status_code == 201


@pytest.mark.parametrize("email", ["dora@example.com", "DORA@Example.com"])
def test_f28_an_invitation_for_an_address_is_good_for_it_in_any_spelling(door: FlaskClient, email: str) -> None:
    assert sign_up(door, invitations.invite("Dora@example.com", 7), email).status_code == 201


@pytest.mark.threat(row=73)
def test_f28_an_invitation_for_an_address_is_good_for_no_other(door: FlaskClient) -> None:
    token = invitations.invite("dora@example.com", 7)

    assert code_of(sign_up(door, token, "eve@example.com")) == NEEDED
    assert sign_up(door, token).status_code == 201


def test_f28_an_invitation_expires_and_is_pruned(door: FlaskClient) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        token = invitations.invite(None, 1)
        clock.shift(24 * 3600)
        late = sign_up(door, token)
        pruning.prune()

    assert code_of(late) == NEEDED
    assert count_rows(table) == 0


def test_f28_an_invitation_stays_good_when_no_account_came_of_it(door: FlaskClient, ada: Person) -> None:
    token = invitations.invite(None, 7)

    assert code_of(sign_up(door, token, ada.email)) == (409, "email_taken")
    assert sign_up(door, token).status_code == 201


@pytest.mark.threat(row=73)
def test_f28_who_is_not_invited_does_not_learn_who_has_an_account(door: FlaskClient, ada: Person) -> None:
    answers = [apart_from_request_id(sign_up(door, "guess", email)) for email in (ada.email, "nobody@example.com")]

    assert answers[0] == answers[1]


def test_f28_a_newer_invitation_for_an_address_ends_the_older(door: FlaskClient) -> None:
    older, newer = (invitations.invite("dora@example.com", 7) for _ in range(2))

    assert code_of(sign_up(door, older)) == NEEDED
    assert sign_up(door, newer).status_code == 201


@pytest.mark.threat(row=73)
def test_f28_the_database_does_not_hold_the_token(door: FlaskClient) -> None:
    token = invitations.invite(None, 7)

    assert [row for _, row in all_rows() if token in map(str, row)] == []


@pytest.mark.usefixtures("inviting")
def test_f28_nobody_is_invited_who_has_an_account(ada: Person) -> None:
    with pytest.raises(EmailTaken):
        invitations.invite(ada.email, 7)


@pytest.mark.parametrize("inviting", ["closed"], indirect=True)
def test_f28_where_registration_is_closed_no_invitation_is_made_nor_good(door: FlaskClient, app: ApiApp) -> None:
    with services_of(app).at_work():
        token = invitations.invite(None, 7)

    assert code_of(sign_up(door, token)) == (403, "registration_closed")
    with pytest.raises(RegistrationClosed):
        invitations.invite(None, 7)


@pytest.mark.parametrize("inviting", ["open"], indirect=True)
def test_f28_where_registration_is_open_an_invitation_is_used_up_and_a_bad_one_refuses_nobody(
    door: FlaskClient,
) -> None:
    token = invitations.invite(None, 7)

    answers = [sign_up(door, each, f"p{number}@example.com") for number, each in enumerate((token, token, "guess"))]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert count_rows(table) == 0

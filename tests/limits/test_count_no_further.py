"""Rate limits, where counting ends: nobody saves up attempts, and sign-ups have a bound of their own (F9)."""

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.accounts import service as accounts
from bucketlist.auth import passwords
from bucketlist.kit.db.database import transaction
from bucketlist.kit.errors import TooManyRequests
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.metrics import gauges
from bucketlist.limits import bounds, rate_limits
from bucketlist.limits.networks import place_of
from bucketlist.limits.route_limits import counting
from bucketlist.mail import notifications
from bucketlist.models import users
from tests.authentication import sign_up
from tests.outbox import waiting_letters
from tests.people import PASSWORD, Person, make_person
from tests.responses import code_of
from tests.rows import count_rows

PLACE, ACCOUNT = place_of("192.0.2.1"), "ada@example.com"


def attempt(times: int) -> None:
    with counting("login"):
        for _ in range(times):
            rate_limits.check_rate_limit("login", bounds.of_log_in(ACCOUNT, PLACE, is_known=False).failures)


def test_who_is_forgiven_more_than_was_counted_saves_nothing_up(limited_app: ApiApp) -> None:
    attempt(1)
    for _ in range(3):
        rate_limits.refund_attempt(bounds.of_log_in(ACCOUNT, PLACE, is_known=False).failures)

    attempt(10)

    with pytest.raises(TooManyRequests):
        attempt(1)


def test_nobody_waits_longer_for_a_hash_than_the_contract_says() -> None:
    assert passwords.WAIT_SECONDS == 3


def test_a_new_window_takes_ten_attempts_again(limited_app: ApiApp) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        attempt(10)
        clock.shift(301)

        attempt(10)

        with pytest.raises(TooManyRequests):
            attempt(1)


def test_a_password_that_is_hashed_is_waited_for_no_longer() -> None:
    passwords.hash_password("correct horse battery staple")

    assert gauges["password_hashes_wanted"].read() == 0


def test_five_letters_a_day_go_to_an_address_that_nobody_has_confirmed(limited_app: ApiApp) -> None:
    ada = make_person(limited_app, "ada@example.com", "Ada")

    for _ in range(7):
        with transaction():
            notifications.ask_to_confirm(accounts.get_user_by_email(ada.email))

    assert [letter.kind for letter in waiting_letters()] == ["confirm"] * 5


pytestmark = pytest.mark.usefixtures("clock")


def test_an_email_can_be_signed_up_for_ten_times(limited_client: FlaskClient, limited_ada: Person) -> None:
    body = {"email": limited_ada.email, "password": PASSWORD}

    statuses = [
        limited_client.post("/v1/auth/register", json=body, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}).status_code
        for n in range(11)
    ]

    assert statuses == [409] * 10 + [429]


def test_f9_a_class_signs_up_behind_one_address(limited_client: FlaskClient) -> None:
    for number in range(12):
        sign_up(limited_client, f"{number}@example.com")

    assert count_rows(users) == 12


def test_f9_mass_sign_up_is_bounded(limited_client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SIGN_UPS", 2)
    for number in range(2):
        sign_up(limited_client, f"{number}@example.com")

    response = limited_client.post("/v1/auth/register", json={"email": "x@example.com", "password": PASSWORD})

    assert code_of(response) == (429, "too_many_requests")
    assert response.headers["RateLimit"] == '"register";r=0;t=3600'
    assert count_rows(users) == 2

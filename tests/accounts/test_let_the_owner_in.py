"""F9, R4: rate limits without account lockout: what strangers spend keeps no owner out, and helps nobody to guess."""

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from bucketlist.accounts import recovery, service
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits import bounds, networks
from bucketlist.limits.networks import place_of
from bucketlist.models import known_networks
from tests.accounts.test_forget_password import forget
from tests.accounts.test_reset_password import NEW, reset
from tests.authentication import ELSEWHERE, EMAIL, HOME, OFFICE
from tests.outbox import newest_token
from tests.people import PASSWORD, Person, make_person
from tests.rows import count_rows

pytestmark = pytest.mark.usefixtures("clock")


def attempt(client: FlaskClient, address: str, password: str = "wrong horse", email: str = EMAIL) -> int:
    body = {"email": email, "password": password}
    return client.post("/v1/auth/login", json=body, environ_base={"REMOTE_ADDR": address}).status_code


def guess_often(client: FlaskClient, address: str, times: int = 11) -> list[int]:
    return [attempt(client, address) for _ in range(times)]


def be_at_home(client: FlaskClient) -> None:
    assert attempt(client, HOME, PASSWORD) == 200


@pytest.mark.threat(row=10)
def test_f9_ten_wrong_guesses_from_one_network_keep_nobody_else_out(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    assert guess_often(limited_client, ELSEWHERE) == [401] * 10 + [429]

    assert attempt(limited_client, OFFICE, PASSWORD) == 200


@pytest.mark.threat(row=10)
def test_f9_one_network_cannot_use_up_what_an_account_takes(
    limited_client: FlaskClient, limited_ada: Person, clock: time_machine.Traveller
) -> None:
    refused = 0
    for _ in range(5):
        refused += guess_often(limited_client, ELSEWHERE, 10).count(429)
        clock.shift(301)

    assert refused == 50 - bounds.ACCOUNT_FROM_NETWORK
    assert attempt(limited_client, OFFICE, PASSWORD) == 200


@pytest.mark.threat(row=10)
def test_f9_the_owner_gets_in_from_a_network_that_is_known_when_strangers_have_used_up_all(
    limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "ACCOUNT_FROM_STRANGERS", 10)
    monkeypatch.setattr(bounds, "IN_ALL", 10)
    be_at_home(limited_client)
    guess_often(limited_client, ELSEWHERE)

    assert attempt(limited_client, OFFICE, PASSWORD) == 429
    assert attempt(limited_client, HOME, PASSWORD) == 200


@pytest.mark.threat(row=10)
def test_f9_the_owner_gets_in_from_a_known_network_that_has_used_up_its_guesses(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    be_at_home(limited_client)

    assert guess_often(limited_client, HOME, 12) == [401] * 10 + [429] * 2
    assert attempt(limited_client, HOME, PASSWORD) == 200


def test_f9_guesses_from_a_known_network_are_bounded_too(
    limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "ACCOUNT_FROM_KNOWN", 12)
    be_at_home(limited_client)
    guess_often(limited_client, HOME, 12)

    assert attempt(limited_client, HOME, PASSWORD) == 429


@pytest.mark.threat(row=10)
@pytest.mark.parametrize("address", [ELSEWHERE, HOME])
def test_f9_after_a_mailed_link_the_owner_logs_in_at_once(
    limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(bounds, "ACCOUNT_FROM_STRANGERS", 10)
    monkeypatch.setattr(bounds, "IN_ALL", 10)
    guess_often(limited_client, ELSEWHERE, 30)
    forget(limited_client, EMAIL, address)

    assert reset(limited_client, newest_token("reset", EMAIL), address=address) == 204
    assert attempt(limited_client, address, NEW) == 200


@pytest.mark.threat(row=10)
def test_r4_strangers_in_the_same_network_spend_nothing_of_a_session(
    limited_app: ApiApp, limited_client: FlaskClient, limited_ada: Person
) -> None:
    ben = make_person(limited_app, "ben@example.com")
    change = {"currentPassword": "wrong horse", "newPassword": NEW}
    assert [ben.put("/v1/auth/password", change).status_code for _ in range(11)] == [403] * 10 + [429]
    guess_often(limited_client, "127.0.0.1")

    assert limited_ada.put("/v1/auth/password", {**change, "currentPassword": PASSWORD}).status_code == 204


def test_f9_who_signed_up_there_is_known_there(limited_client: FlaskClient) -> None:
    body = {"email": EMAIL, "password": PASSWORD}
    limited_client.post("/v1/auth/register", json=body, environ_base={"REMOTE_ADDR": HOME})
    guess_often(limited_client, HOME)

    assert attempt(limited_client, HOME, PASSWORD) == 200


def test_f9_a_network_is_known_for_one_account_only_and_for_ninety_days(
    limited_client: FlaskClient, limited_ada: Person, clock: time_machine.Traveller
) -> None:
    be_at_home(limited_client)
    seen = [networks.is_known(user_id, place_of(HOME)) for user_id in (limited_ada.id, None)]
    clock.shift(networks.KEPT_DAYS * 86_400)
    seen.append(networks.is_known(limited_ada.id, place_of(HOME)))

    assert seen == [True, False, False]


def test_f9_of_an_account_twenty_networks_are_known_those_that_were_used_last(
    limited_client: FlaskClient, limited_ada: Person, clock: time_machine.Traveller
) -> None:
    for number in range(networks.MOST + 2):
        networks.remember(limited_ada.id, place_of(f"192.0.2.{number}"))
        clock.shift(60)

    assert count_rows(known_networks) == networks.MOST
    known = [networks.is_known(limited_ada.id, place_of(f"192.0.2.{number}")) for number in (0, 1, 2)]
    assert known == [False, False, True]


def test_no_address_is_written_down(limited_client: FlaskClient, limited_ada: Person) -> None:
    be_at_home(limited_client)

    ((hashed,),) = execute(Statement(select(known_networks.c.network_hash)), {})
    assert HOME not in hashed
    assert len(hashed) == 32


@pytest.mark.threat(row=13)
def test_r9_log_ins_that_succeed_are_bounded(
    limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LOG_INS", 3)

    statuses = [attempt(limited_client, f"192.0.2.{number}", PASSWORD) for number in range(4)]
    statuses.append(attempt(limited_client, HOME))

    assert statuses == [200] * 3 + [429] * 2


def test_r9_log_ins_of_accounts_that_are_new_to_a_network_are_bounded(
    limited_app: ApiApp, limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LOG_INS_FROM_NETWORK", 1)
    make_person(limited_app, "ben@example.com")

    statuses = [attempt(limited_client, HOME, PASSWORD, email) for email in (EMAIL, "ben@example.com", EMAIL)]

    assert statuses == [200, 429, 200]


@pytest.mark.threat(row=10)
def test_f9_the_operator_lets_the_owner_in_again(
    limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "ACCOUNT_FROM_STRANGERS", 10)
    guess_often(limited_client, ELSEWHERE)
    assert attempt(limited_client, OFFICE, PASSWORD) == 429

    recovery.set_password(service.get_user_by_email(EMAIL), NEW, staying_session=None)

    assert attempt(limited_client, OFFICE, NEW) == 200

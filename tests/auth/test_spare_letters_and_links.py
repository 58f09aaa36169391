"""R4: strangers spend neither the letters of an owner nor the links in them, and fill no mailbox."""

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.auth import bounds, networks, notice_queries
from bucketlist.auth.networks import place_of
from bucketlist.kit.clock import now_text
from tests.auth.steps import ELSEWHERE, EMAIL, HOME, OFFICE, apart_from_request_id
from tests.auth.test_forget_password import forget
from tests.auth.test_reset_password import reset
from tests.outbox import newest_token, waiting_letters
from tests.people import Person

pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.threat(row=16)
def test_r4_bad_links_without_end_refuse_no_good_one(
    limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(limited_client)
    bad = [reset(limited_client, f"guess {number}", address="2001:db8::1") for number in range(30)]
    monkeypatch.setattr(bounds, "WIDER", 2)
    bad += [reset(limited_client, f"guess {n}", address=f"2001:db8:0:{n:x}::1") for n in range(1, 40)]

    assert bad.count(401) == bounds.LINKS_FROM_NETWORK * bounds.WIDER
    assert reset(limited_client, newest_token("reset", EMAIL), address="2001:db8::1") == 204


@pytest.mark.threat(row=16)
def test_r4_strangers_cannot_spend_the_letters_of_the_owner(limited_client: FlaskClient, limited_ada: Person) -> None:
    for _ in range(6):
        assert forget(limited_client, EMAIL, ELSEWHERE).status_code == 202
    before = len(waiting_letters())

    forget(limited_client, EMAIL, HOME)

    assert before == bounds.RESETS_FROM_NETWORK
    assert len(waiting_letters()) == before + 1


def test_r4_a_mailbox_is_not_flooded_but_a_known_network_has_letters_of_its_own(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    notice_queries.confirm_email(limited_ada.id, now_text())
    networks.remember(limited_ada.id, place_of(HOME))
    for number in range(30):
        forget(limited_client, EMAIL, f"198.51.100.{number}")
    before = len(waiting_letters())

    forget(limited_client, EMAIL, HOME)

    assert before == bounds.RESETS
    assert len(waiting_letters()) == before + 1


@pytest.mark.threat(row=16)
def test_r4_a_neighbour_in_the_same_network_cannot_keep_the_owner_from_a_link(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    notice_queries.confirm_email(limited_ada.id, now_text())
    networks.remember(limited_ada.id, place_of(HOME))
    for number in range(bounds.PER_NETWORK):
        assert forget(limited_client, f"nobody{number}@example.com", HOME).status_code == 202

    answers = [forget(limited_client, email, HOME) for email in ("nobody@example.com", EMAIL)]

    assert [answer.status_code for answer in answers] == [429, 429]
    assert apart_from_request_id(answers[0]) == apart_from_request_id(answers[1])
    assert reset(limited_client, newest_token("reset", EMAIL), address=HOME) == 204


def test_r4_what_is_refused_sends_nothing_to_whom_the_network_is_new(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    for number in range(bounds.PER_NETWORK):
        forget(limited_client, f"nobody{number}@example.com", ELSEWHERE)

    assert forget(limited_client, EMAIL, ELSEWHERE).status_code == 429
    assert waiting_letters() == []


@pytest.mark.threat(row=16)
def test_r4_past_the_letters_of_a_day_the_last_link_stays_alive(
    limited_client: FlaskClient, limited_ada: Person, clock: time_machine.Traveller
) -> None:
    for _ in range(bounds.RESETS_FROM_NETWORK):
        forget(limited_client, EMAIL, HOME)
    last = newest_token("reset", EMAIL)
    clock.shift(10 * 3600)
    assert reset(limited_client, last) == 401

    assert forget(limited_client, EMAIL, HOME).status_code == 202
    assert len(waiting_letters()) == bounds.RESETS_FROM_NETWORK
    assert reset(limited_client, last) == 204


def test_r4_whoever_has_used_a_link_can_ask_again_on_the_same_day(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    for number in range(30):
        forget(limited_client, EMAIL, f"198.51.100.{number}")
    assert reset(limited_client, newest_token("reset", EMAIL)) == 204

    forget(limited_client, EMAIL, OFFICE)

    assert newest_token("reset", EMAIL)

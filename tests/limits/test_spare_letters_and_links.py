"""R4: rate limits of mail: strangers spend neither an owner's letters nor the links in them, and fill no mailbox."""

from collections.abc import Callable

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.accounts import queries, recovery, service
from bucketlist.kit.clock import now_text
from bucketlist.limits import bounds, networks
from bucketlist.limits.networks import place_of
from tests.accounts.test_forget_password import forget
from tests.accounts.test_reset_password import NEW, reset
from tests.authentication import ELSEWHERE, EMAIL, HOME, OFFICE, sign_up
from tests.outbox import newest_token, waiting_letters
from tests.people import PASSWORD, Person
from tests.responses import apart_from_request_id

pytestmark = pytest.mark.usefixtures("clock")

HOUR = 3600
HOURS_OF_A_DAY = 24


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

    assert before == bounds.RESETS_FROM_NETWORK + bounds.SPARE_RESETS
    assert len(waiting_letters()) == before + 1


def test_r4_a_mailbox_is_not_flooded_but_a_known_network_has_letters_of_its_own(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    queries.confirm_email(limited_ada.id, now_text())
    networks.remember(limited_ada.id, place_of(HOME))
    for number in range(30):
        forget(limited_client, EMAIL, f"198.51.100.{number}")
    before = len(waiting_letters())

    forget(limited_client, EMAIL, HOME)

    assert before == bounds.RESETS + bounds.SPARE_RESETS
    assert len(waiting_letters()) == before + 1


@pytest.mark.threat(row=16)
def test_r4_a_neighbour_in_the_same_network_cannot_keep_the_owner_from_a_link(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    queries.confirm_email(limited_ada.id, now_text())
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
    for _ in range(bounds.RESETS_FROM_NETWORK + bounds.SPARE_RESETS):
        forget(limited_client, EMAIL, HOME)
    before, last = len(waiting_letters()), newest_token("reset", EMAIL)
    clock.shift(HOUR - 1)
    assert forget(limited_client, EMAIL, HOME).status_code == 202
    clock.shift(HOUR - 1)

    assert len(waiting_letters()) == before
    assert reset(limited_client, last) == 204


def test_r4_whoever_has_used_a_link_can_ask_again_on_the_same_day(
    limited_client: FlaskClient, limited_ada: Person
) -> None:
    for number in range(30):
        forget(limited_client, EMAIL, f"198.51.100.{number}")
    assert reset(limited_client, newest_token("reset", EMAIL)) == 204

    forget(limited_client, EMAIL, OFFICE)

    assert newest_token("reset", EMAIL)


def spend_all_letters(client: FlaskClient) -> None:
    """As strangers in many networks do who ask without end."""
    for number in range(bounds.RESETS + 5):
        forget(client, EMAIL, f"198.51.100.{number}")


def change_password(ada: Person) -> None:
    assert ada.put("/v1/auth/password", {"currentPassword": PASSWORD, "newPassword": NEW}).status_code == 204


def use_link(ada: Person) -> None:
    assert reset(ada.client, newest_token("reset", EMAIL), address=HOME) == 204


def be_helped(_: Person) -> None:
    recovery.set_password(service.get_user_by_email(EMAIL), NEW, staying_session=None)


def be_kept_out_for_a_while(_: Person) -> None:
    service.disable_user(service.get_user_by_email(EMAIL))
    service.enable_user(service.get_user_by_email(EMAIL))


def change_address_to_and_fro(ada: Person) -> None:
    for email in ("ada@example.org", EMAIL):
        body = {"email": email, "currentPassword": PASSWORD}
        assert ada.patch("/v1/users/me", body).status_code == 200


def throw_the_letters_away(_: Person) -> None:
    """Nothing that the service could see."""


ENDS = [change_password, use_link, be_helped, be_kept_out_for_a_while, change_address_to_and_fro]


@pytest.mark.threat(row=16)
@pytest.mark.parametrize("end_the_links", [*ENDS, throw_the_letters_away], ids=lambda end: end.__name__)
@pytest.mark.parametrize("address", [HOME, "198.51.100.0"], ids=["of her own", "of strangers"])
def test_r4_whatever_ended_the_links_the_owner_has_a_letter_within_the_hour_however_strangers_ask(
    limited_client: FlaskClient,
    limited_ada: Person,
    clock: time_machine.Traveller,
    end_the_links: Callable[[Person], None],
    address: str,
) -> None:
    spend_all_letters(limited_client)
    end_the_links(limited_ada)
    spend_all_letters(limited_client)
    before = len(waiting_letters())
    clock.shift(HOUR)

    forget(limited_client, EMAIL, address)

    assert len(waiting_letters()) == before + 1
    assert reset(limited_client, newest_token("reset", EMAIL), "an even better horse", address=address) == 204


def test_r4_letters_that_strangers_asked_for_before_there_was_an_account_keep_nobody_waiting_for_longer(
    limited_client: FlaskClient, clock: time_machine.Traveller
) -> None:
    spend_all_letters(limited_client)
    sign_up(limited_client, EMAIL)
    clock.shift(HOUR)

    forget(limited_client, EMAIL, HOME)

    assert reset(limited_client, newest_token("reset", EMAIL)) == 204


@pytest.mark.threat(row=16)
def test_r4_who_asks_without_end_from_everywhere_has_one_letter_an_hour_sent(
    limited_client: FlaskClient, limited_ada: Person, clock: time_machine.Traveller
) -> None:
    for number in range(2 * HOURS_OF_A_DAY):
        forget(limited_client, EMAIL, f"203.0.113.{number}")
        clock.shift(HOUR / 2)

    assert len(waiting_letters()) <= bounds.RESETS + HOURS_OF_A_DAY * bounds.SPARE_RESETS


@pytest.mark.threat(row=16)
def test_r4_a_flood_from_everywhere_refuses_no_owner_and_has_one_letter_an_hour_sent_to_each(
    limited_client: FlaskClient, limited_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "IN_ALL", 5)
    for number in range(bounds.IN_ALL):
        forget(limited_client, f"nobody{number}@example.com", f"203.0.113.{number}")

    statuses = [forget(limited_client, EMAIL, address).status_code for address in (HOME, OFFICE)]

    assert statuses == [202, 202]
    assert len(waiting_letters()) == bounds.SPARE_RESETS

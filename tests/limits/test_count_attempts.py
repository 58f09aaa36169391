"""Rate limits of guessing: from one network, at one account from all networks that never got in, and in all."""

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.accounts import service as accounts
from bucketlist.kit.db.database import transaction
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits import bounds, rate_limits
from bucketlist.limits.networks import place_of
from bucketlist.limits.route_limits import counting
from bucketlist.mail import notifications
from bucketlist.models import attempts
from bucketlist.services import services_of
from tests.authentication import bearer, is_signed_in, log_in, refresh
from tests.concurrency import together
from tests.outbox import newest_token
from tests.people import PASSWORD, Person, make_person
from tests.responses import code_of
from tests.rows import all_rows, count_rows

pytestmark = pytest.mark.usefixtures("clock")

WRONG = "wrong horse battery"


@pytest.fixture(autouse=True)
def few_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten guesses of strangers at one account, for a hundred take long."""
    monkeypatch.setattr(bounds, "ACCOUNT_FROM_STRANGERS", 10)


@pytest.fixture
def ada(limited_app: ApiApp) -> Person:
    return make_person(limited_app, "ada@example.com", "Ada")


def guess(
    client: FlaskClient, email: str = "ada@example.com", password: str = WRONG, address: str = "192.0.2.1"
) -> TestResponse:
    body = {"email": email, "password": password}
    return client.post("/v1/auth/login", json=body, environ_base={"REMOTE_ADDR": address})


def guess_from_everywhere(client: FlaskClient, times: int) -> list[int]:
    """The password of Ada, each time from another address."""
    return [guess(client, address=f"192.0.2.{number}").status_code for number in range(times)]


def test_the_refusal_says_how_long_to_wait(
    limited_client: FlaskClient, ada: Person, clock: time_machine.Traveller
) -> None:
    guess_from_everywhere(limited_client, 10)
    clock.shift(60.5)

    response = guess(limited_client)

    assert code_of(response) == (429, "too_many_requests")
    assert response.headers["Retry-After"] == "3540"
    assert response.headers["RateLimit"] == '"login";r=0;t=3540'


@pytest.mark.threat(row=10)
def test_the_owner_is_not_locked_out_of_her_sessions(limited_client: FlaskClient, ada: Person) -> None:
    session = log_in(limited_client, ada)

    guess_from_everywhere(limited_client, 20)

    assert is_signed_in(limited_client, session)
    assert refresh(limited_client, session["refreshToken"]).status_code == 200
    assert ada.post("/v1/buckets", {"name": "Still here"}).status_code == 201


def test_the_owner_gets_in_again_when_the_window_has_passed(
    limited_client: FlaskClient, ada: Person, clock: time_machine.Traveller
) -> None:
    guess_from_everywhere(limited_client, 20)

    clock.shift(3599.999)
    assert guess(limited_client, password=PASSWORD).status_code == 429
    clock.shift(0.001)
    assert guess(limited_client, password=PASSWORD).status_code == 200


def test_an_email_counts_once_in_all_its_spellings(limited_client: FlaskClient, ada: Person) -> None:
    spellings = ["ada@example.com", "ADA@example.com", " Ada@Example.Com", "ada@EXAMPLE.com"]

    statuses = [guess(limited_client, spellings[n % 4], address=f"192.0.2.{n}").status_code for n in range(11)]

    assert statuses == [401] * 10 + [429]


def test_an_unknown_account_is_limited_like_a_known_one(limited_client: FlaskClient) -> None:
    assert guess_from_everywhere(limited_client, 11) == [401] * 10 + [429]


def test_who_knows_the_password_may_log_in_as_often_as_wanted(limited_client: FlaskClient, ada: Person) -> None:
    statuses = {guess(limited_client, password=PASSWORD).status_code for _ in range(15)}

    assert statuses == {200}


def test_a_right_password_does_not_forgive_the_wrong_ones(limited_client: FlaskClient, ada: Person) -> None:
    for _ in range(9):
        guess(limited_client)
    guess(limited_client, password=PASSWORD)

    assert [guess(limited_client).status_code for _ in range(2)] == [401, 429]


@pytest.mark.threat(row=10)
def test_of_fifty_parallel_guesses_ten_are_looked_at(limited_app: ApiApp, ada: Person) -> None:
    statuses = together(50, lambda number: guess(limited_app.test_client(), address=f"192.0.2.{number}").status_code)

    assert sorted(statuses) == [401] * 10 + [429] * 40
    assert sorted(row[1] for table, row in all_rows() if table is attempts)[-2:] == [10, 10]  # those 10, no others


def test_parallel_logins_with_the_right_password_do_not_stand_in_each_others_way(
    limited_app: ApiApp, ada: Person
) -> None:
    def log_in_often(_: int) -> set[int]:
        return {guess(limited_app.test_client(), password=PASSWORD).status_code for _ in range(5)}

    assert together(8, log_in_often) == [{200}] * 8


def test_counting_and_forgiving_at_once_do_not_wait_for_each_other(limited_app: ApiApp) -> None:
    def come_and_go(_: int) -> None:
        with services_of(limited_app).at_work(), counting("login"):
            of_log_in = bounds.of_log_in("ada@example.com", place_of("192.0.2.1"), is_known=False)
            for _ in range(40):
                rate_limits.check_rate_limit("login", of_log_in.failures)
                rate_limits.refund_attempt(of_log_in.failures)

    together(8, come_and_go)

    assert [row[1] for table, row in all_rows() if table is attempts] == [0, 0, 0, 0]


def test_an_account_is_counted_by_all_workers_together(
    limited_app: ApiApp, limited_client: FlaskClient, other_limited_worker: ApiApp, ada: Person
) -> None:
    clients = [limited_client, other_limited_worker.test_client()]

    statuses = [guess(clients[n % 2], address=f"192.0.2.{n}").status_code for n in range(11)]

    assert statuses == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/auth/password", {"currentPassword": WRONG, "newPassword": "a better horse"}),
        ("PATCH", "/v1/users/me", {"name": "A", "currentPassword": WRONG}),
        ("DELETE", "/v1/users/me", {"password": WRONG}),
    ],
)
def test_ada_cannot_guess_on_while_signed_in(ada: Person, method: str, path: str, body: dict[str, str]) -> None:
    statuses = [ada.ask(method, path, body).status_code for _ in range(11)]

    assert statuses == [403] * 10 + [429]
    assert ada.get("/v1/users/me").status_code == 200


def test_the_table_tells_nobodys_address_or_email(limited_client: FlaskClient, ada: Person) -> None:
    guess(limited_client)

    counted = " ".join(str(row) for table, row in all_rows() if table is attempts)

    assert "login:global" in counted
    assert "ada@" not in counted
    assert "192.0.2.1" not in counted


@pytest.mark.threat(row=11)
def test_everybody_together_is_limited_too(
    limited_client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "IN_ALL", 3)

    statuses = [guess(limited_client, f"{n}@example.com", address=f"192.0.2.{n}").status_code for n in range(4)]

    assert statuses == [401] * 3 + [429]


def test_without_limits_nothing_is_counted(client: FlaskClient) -> None:
    assert {guess(client).status_code for _ in range(12)} == {401}
    assert count_rows(attempts) == 0


def test_reading_touches_no_limiter(limited_client: FlaskClient, ada: Person) -> None:
    for _ in range(30):
        assert limited_client.get("/v1/buckets", headers=bearer(ada.access_token)).status_code == 200

    assert count_rows(attempts) == 0


@pytest.mark.threat(row=10)
def test_who_succeeds_is_forgiven_for_themselves_alone(limited_client: FlaskClient, limited_app: ApiApp) -> None:
    make_person(limited_app, "ada@example.com", "Ada")
    make_person(limited_app, "ben@example.com", "Ben")
    guess_from_everywhere(limited_client, 9)

    for _ in range(5):
        assert guess(limited_client, "ben@example.com", PASSWORD, address="192.0.2.99").status_code == 200

    assert guess_from_everywhere(limited_client, 2) == [401, 429]


@pytest.mark.threat(row=16)
def test_links_that_are_good_do_not_count(limited_client: FlaskClient, ada: Person) -> None:
    for _ in range(bounds.LINKS_FROM_NETWORK + 1):
        with transaction():
            notifications.send_link(accounts.get_user_by_email(ada.email), "confirm")
        token = newest_token("confirm", ada.email)
        assert limited_client.post("/v1/auth/email/confirm", json={"token": token}).status_code == 204

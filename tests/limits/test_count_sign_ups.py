"""F9: sign-ups that succeed are no wrong guesses, and have a bound of their own."""

import pytest
from flask.testing import FlaskClient

from bucketlist.limits import bounds
from bucketlist.models import users
from tests.auth.steps import code_of, count_rows, sign_up
from tests.people import PASSWORD, Person

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

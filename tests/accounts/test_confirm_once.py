"""Email verification counts at the moment when an address was first shown; what comes later moves nothing."""

from datetime import timedelta

import time_machine
from flask.testing import FlaskClient

from bucketlist.accounts import queries
from bucketlist.kit import clock
from bucketlist.kit.db.database import database
from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.mail import link_queries
from tests.accounts.test_reset_password import confirmed_at
from tests.auth.steps import code_of, sign_up
from tests.outbox import newest_token
from tests.people import Person


def test_ada_confirmed_her_address_when_she_did_so_first(ada: Person) -> None:
    queries.confirm_email(ada.id, clock.now_text())
    first = confirmed_at(ada.email)

    with time_machine.travel(clock.now() + timedelta(days=1)):
        queries.confirm_email(ada.id, clock.now_text())

    assert first is not None
    assert confirmed_at(ada.email) == first


def test_a_link_that_is_used_up_in_the_last_moment_confirms_nothing(client: FlaskClient) -> None:
    user_id = sign_up(client)["user"]["id"]
    token = newest_token("confirm", "dora@example.com")

    def be_faster(statement: Compiled, _: Values) -> None:
        if statement.sql.startswith("UPDATE users"):
            link_queries.forget_links(user_id)

    at_work = database()
    at_work.on_execute = be_faster
    response = client.post("/v1/auth/email/confirm", json={"token": token})
    at_work.on_execute = None

    assert code_of(response) == (401, "link_not_good")
    assert confirmed_at("dora@example.com") is None

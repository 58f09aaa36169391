"""What is kept of sessions, addresses, attempts and answers belongs to one of them, and ends at its moment."""

import time_machine
from sqlalchemy import select, update

from bucketlist.accounts import queries
from bucketlist.accounts import service as accounts
from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import Statement, execute, transaction
from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.kit.emails import fold_email
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.mail import notifications
from bucketlist.models import mail_links, outbox, users
from bucketlist.services import services_of
from bucketlist.sessions import lifecycle_queries
from tests.auth.steps import is_signed_in, log_in
from tests.outbox import newest_token
from tests.people import PASSWORD, Person
from tests.responses import json_of


def access_token(app: ApiApp, person: Person, session_id: str, expires_at: int) -> str:
    return services_of(app).access_tokens.issue(Actor(person.id, session_id, new_id(), expires_at))


def test_a_personal_token_is_no_session_to_sign_in_with(app: ApiApp, ada: Person) -> None:
    token = json_of(
        ada.post("/v1/auth/tokens", {"name": "Backup script", "scope": "read", "currentPassword": PASSWORD})
    )

    assert not is_signed_in(ada.client, access_token(app, ada, token["id"], ada.actor.expires_at))


def test_a_session_ends_at_the_moment_when_it_expires(app: ApiApp, ada: Person) -> None:
    session_id = new_id()
    lifecycle_queries.add_session(ada.id, session_id, "2031-06-14T11:00:00.000Z", "2031-06-14T12:00:00.000Z")
    seen = []

    for moment in ("2031-06-14T11:59:59.999Z", "2031-06-14T12:00:00Z"):
        with time_machine.travel(moment, tick=False):
            seen.append(is_signed_in(ada.client, access_token(app, ada, session_id, 1_939_204_860)))

    assert seen == [True, False]


def test_ben_cannot_release_adas_address(ada: Person, ben: Person) -> None:
    queries.release_other_emails(ben.email, ben.id)

    assert accounts.get_user_by_email(ada.email).id == ada.id


def test_a_letter_begins_without_a_try(ada: Person) -> None:
    with transaction():
        notifications.notify(accounts.get_user_by_email(ada.email), "password_changed")

    assert [list(row) for row in execute(Statement(select(outbox.c.tries)), {})] == [[0]]


def test_each_key_has_an_answer_of_its_own(ada: Person) -> None:
    made = {key: json_of(ada.post("/v1/buckets", {"name": key}, Idempotency_Key=key)) for key in ("one", "two")}

    again = {key: json_of(ada.post("/v1/buckets", {"name": key}, Idempotency_Key=key)) for key in made}

    assert again == made


def test_a_link_that_was_sent_to_what_is_now_bens_address_is_good_for_nobody(ada: Person, ben: Person) -> None:
    with transaction():
        notifications.send_link(accounts.get_user_by_email(ada.email), "reset")
    token = newest_token("reset", ada.email)
    execute(Statement(update(mail_links).values(email_folded=fold_email(ben.email))), {})

    response = ada.client.post("/v1/auth/password/reset", json={"token": token, "newPassword": "a much better horse"})

    assert response.status_code == 401
    for person in (ada, ben):
        assert is_signed_in(person.client, log_in(person.client, person))


def test_a_password_that_is_changed_at_the_same_moment_is_not_set_by_a_link(app: ApiApp, ada: Person) -> None:
    with transaction():
        notifications.send_link(accounts.get_user_by_email(ada.email), "reset")
    token, database = newest_token("reset", ada.email), services_of(app).database

    def be_quicker(statement: Compiled, _: Values) -> None:
        if statement.sql.startswith("UPDATE users SET password_hash"):
            database.on_execute = None
            execute(Statement(update(users).values(password_hash="another")), {})

    database.on_execute = be_quicker
    response = ada.client.post("/v1/auth/password/reset", json={"token": token, "newPassword": "a much better horse"})

    assert services_of(app).database.on_execute is None
    assert response.status_code == 401

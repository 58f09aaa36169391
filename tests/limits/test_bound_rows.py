"""R7: what one person leaves behind until the next pruning is bounded in rows, is theirs alone, and ends in time."""

import pytest
import time_machine
from sqlalchemy import select, update

from bucketlist.accounts import queries as account_queries
from bucketlist.accounts import service as accounts
from bucketlist.auth.actor import Actor
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.db.database import Statement, execute, transaction
from bucketlist.kit.emails import fold_email
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.mail import notifications, queries
from bucketlist.models import blacklisted_tokens, mail_links, outbox, sessions, users
from bucketlist.services import services_of
from bucketlist.sessions import lifecycle_queries
from bucketlist.sessions.quotas import MOST_TOKENS
from tests.authentication import bearer, is_signed_in, log_in, refresh
from tests.bulk import insert_rows
from tests.concurrency import just_before
from tests.limits.test_repeat_request import make_bucket, without_marks
from tests.outbox import newest_token
from tests.people import PASSWORD, Person
from tests.responses import json_of
from tests.rows import count_rows

TOKEN = {"name": "Script", "scope": "read", "currentPassword": PASSWORD}


def test_r7_tokens_that_have_expired_go_when_another_is_made(settings: Settings, ada: Person, ben: Person) -> None:
    long_ago, now = "2026-01-01T00:00:00.000Z", clock.now_text()
    row = {"name": "Script", "scope": "read", "created_at": long_ago, "last_used_at": None, "expires_at": long_ago}
    mine = [row | {"user_id": ada.id, "id": new_id(), "token_hash": f"a{n}"} for n in range(MOST_TOKENS * 2)]
    lives = row | {"user_id": ada.id, "id": new_id(), "token_hash": "lives", "expires_at": f"9{now[1:]}"}
    others = row | {"user_id": ben.id, "id": new_id(), "token_hash": "b"}
    insert_rows(settings, sessions, [*mine, lives, others])
    before = count_rows(sessions)

    assert ada.post("/v1/auth/tokens", TOKEN).status_code == 201

    assert count_rows(sessions) == before - len(mine) + 1


def test_r7_of_one_kind_so_many_letters_wait_for_one_person(settings: Settings, ada: Person, ben: Person) -> None:
    most, now = queries.MOST_LETTERS, clock.now_text()
    row = {"kind": "password_changed", "email": ada.email, "seed": None, "tries": 1, "created_at": now}
    row |= {"user_id": ada.id, "next_try_at": now, "given_up_at": now}
    insert_rows(settings, outbox, [row | {"id": new_id()} for _ in range(most)])

    with transaction():
        for person in (ada, ben):
            notifications.notify(accounts.get_user_by_email(person.email), "password_changed")
        notifications.notify(accounts.get_user_by_email(ada.email), "token_made")

    assert count_rows(outbox) == most + 2


def test_r7_a_worthless_access_token_is_remembered_once_for_a_log_in(ada: Person) -> None:
    """And log-ins are limited, so that whoever logs in and out in a loop leaves no more than that."""
    pair = log_in(ada.client, ada)
    with time_machine.travel(clock.now().timestamp() + 1, tick=False):
        newer = refresh(ada.client, pair["refreshToken"]).get_json()
    tokens = [pair["accessToken"], newer["accessToken"]] * 2

    statuses = [ada.client.post("/v1/auth/logout", headers=bearer(token)).status_code for token in tokens]

    assert statuses == [204, 401, 401, 401]
    assert count_rows(blacklisted_tokens) == 1


@pytest.mark.parametrize("body", [{"name": "x", "description": ""}, {"name": " x\u0301 "}, {"name": "open"}])
def test_r7_what_was_sent_in_other_words_is_answered_again_byte_for_byte(ada: Person, body: dict[str, str]) -> None:
    path = f"/v1/buckets/{ada.make_bucket()['id']}/items"

    first = make_bucket(ada, body, path=path)

    assert without_marks(make_bucket(ada, body, path=path)) == without_marks(first)


def access_token(app: ApiApp, person: Person, session_id: str, expires_at: int) -> str:
    return services_of(app).access_tokens.issue(Actor(person.id, session_id, new_id(), expires_at))


def test_a_personal_token_is_no_session_to_sign_in_with(app: ApiApp, ada: Person) -> None:
    token = ada.make_token()

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
    account_queries.release_other_emails(ben.email, ben.id)

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
    token, quicker = newest_token("reset", ada.email), Statement(update(users).values(password_hash="another"))

    with just_before(app, "UPDATE users SET password_hash", lambda: execute(quicker, {})):
        response = ada.client.post("/v1/auth/password/reset", json={"token": token, "newPassword": "a better horse"})

    assert response.status_code == 401

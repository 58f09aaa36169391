"""R7: what one person can leave behind until the next pruning is bounded in rows."""

import pytest
import time_machine

from bucketlist.accounts import service as accounts
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.db.database import transaction
from bucketlist.kit.ids import new_id
from bucketlist.mail import notifications, queries
from bucketlist.models import blacklisted_tokens, outbox, sessions
from bucketlist.sessions.quotas import MOST_TOKENS
from tests.auth.steps import bearer, count_rows, log_in, refresh
from tests.bulk import insert_rows
from tests.limits.test_repeat_request import make_bucket, without_marks
from tests.people import PASSWORD, Person

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

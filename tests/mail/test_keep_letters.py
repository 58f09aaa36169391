"""Outbox expiry: how long a letter waits for a mail server that is away, three days, no longer than its link lives."""

import pytest
import time_machine
from sqlalchemy import select

from bucketlist.accounts import service as accounts
from bucketlist.kit.db.database import Statement, execute, transaction
from bucketlist.mail import notifications
from bucketlist.mail.notifications import LinkKind
from bucketlist.models import outbox
from tests.people import Person

GIVEN_UP_AT = Statement(select(outbox.c.given_up_at))


@pytest.mark.parametrize(
    ("kind", "until"), [("reset", "2026-11-24T13:00:00.000Z"), ("confirm", "2026-11-27T12:00:00.000Z")]
)
def test_a_link_is_kept_while_it_is_good_and_for_three_days_at_most(ada: Person, kind: LinkKind, until: str) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False), transaction():
        notifications.send_link(accounts.get_user_by_email(ada.email), kind)

    assert [row[0] for row in execute(GIVEN_UP_AT, {})] == [until]


def test_a_notice_is_kept_for_three_days(ada: Person) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False), transaction():
        notifications.notify(accounts.get_user_by_email(ada.email), "password_changed")

    assert [row[0] for row in execute(GIVEN_UP_AT, {})] == ["2026-11-27T12:00:00.000Z"]

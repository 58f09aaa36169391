"""An address is confirmed at the moment when that was first shown; what comes later moves nothing."""

from datetime import timedelta

import time_machine

from bucketlist.auth import notice_queries
from bucketlist.kit import clock
from tests.auth.test_reset_password import confirmed_at
from tests.people import Person


def test_ada_confirmed_her_address_when_she_did_so_first(ada: Person) -> None:
    notice_queries.confirm_email(ada.id, clock.now_text())
    first = confirmed_at(ada.email)

    with time_machine.travel(clock.now() + timedelta(days=1)):
        notice_queries.confirm_email(ada.id, clock.now_text())

    assert first is not None
    assert confirmed_at(ada.email) == first

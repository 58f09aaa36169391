"""Optimistic locking of the outbox: workers share what is due, and whoever is slower takes the next."""

import pytest

from bucketlist.kit import clock
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail import queries
from bucketlist.mail.queries import Letter
from tests.concurrency import just_before
from tests.people import make_person

LETTERS = 3


def claim() -> Letter | None:
    return queries.claim_letter(clock.now_text(), clock.text_from_now(minutes=10))


@pytest.fixture
def _due(app: ApiApp) -> None:
    """For each of three people a letter is due."""
    for number in range(LETTERS):
        email = f"{number}@example.com"
        make_person(app, email)
        assert app.test_client().post("/v1/auth/password/forgot", json={"email": email}).status_code == 202


@pytest.mark.usefixtures("_due")
def test_who_loses_the_race_for_a_letter_takes_the_next(app: ApiApp) -> None:
    theirs: list[Letter | None] = []

    with just_before(app, "UPDATE outbox", lambda: theirs.append(claim())):
        mine = [claim() for _ in range(LETTERS)]

    assert mine.pop() is None
    assert len({letter.id for letter in (*mine, *theirs) if letter}) == LETTERS


@pytest.mark.usefixtures("_due")
def test_who_loses_each_race_ends_when_nothing_is_left(app: ApiApp) -> None:
    theirs: list[Letter | None] = []

    with just_before(app, "UPDATE outbox", lambda: theirs.append(claim()), times=LETTERS):
        assert claim() is None

    assert len({letter.id for letter in theirs if letter}) == LETTERS

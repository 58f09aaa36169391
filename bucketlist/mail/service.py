"""The rules of the outbox: a letter that is due is claimed, sent, and gone; or tried again, later and later.

A claim is a lease: whoever dies with a letter in hand loses it to the next, so a letter is sent once, and twice only if
somebody died between the mail server's yes and the note of it. The log tells of letters by their ids, never to whom.
"""

import structlog

from bucketlist import config
from bucketlist.auth import notices
from bucketlist.kit import clock, smtp
from bucketlist.mail import queries
from bucketlist.mail.letters import Envelope, write_letter
from bucketlist.mail.queries import Letter

LEASE_MINUTES = 10.0  # longer than the slowest mail server takes for all its answers
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 3600.0

log = structlog.get_logger()


def send_due_letters() -> int:
    """How many were sent. Stops at the first that does not get through: the next round begins with the others."""
    sent = 0
    while letter := queries.claim_letter(clock.now_text(), clock.text_from_now(minutes=LEASE_MINUTES)):
        if not _is_worth_sending(letter):
            queries.remove_letter(letter)
        elif _send(letter):
            sent += 1
        else:
            break
    return sent


def pause_seconds(tries: int) -> float:
    """How long to wait after so many tries: twice as long each time."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 20), LONGEST_PAUSE_SECONDS)


def _is_worth_sending(letter: Letter) -> bool:
    """Not when its time is over, nor when its link is worthless meanwhile: a newer letter has a newer one."""
    if letter.given_up_at <= clock.now_text():
        _note_given_up(letter, "too old")
        return False
    return letter.seed is None or notices.is_link_live(letter.seed, letter.kind)


def _send(letter: Letter) -> bool:
    settings = config.current()
    token = notices.token_of(letter.seed) if letter.seed else None
    envelope = Envelope(letter.id, settings.sender, letter.email, clock.from_text(letter.created_at))
    try:
        message = write_letter(letter.kind, token, settings.base_url, envelope)
        smtp.send(smtp.read_mail_url(settings.mail_url), message, settings.sender, letter.email)
    except smtp.NotSent as problem:
        _put_back(letter, problem)
        return False
    queries.remove_letter(letter)
    return True


def _put_back(letter: Letter, problem: smtp.NotSent) -> None:
    if problem.is_final:
        queries.remove_letter(letter)
        _note_given_up(letter, str(problem))
        return
    log.warning("letter_not_sent", letter=letter.id, kind=letter.kind, tries=letter.tries, reason=str(problem))
    queries.try_again(letter, clock.text_from_now(seconds=pause_seconds(letter.tries)))


def _note_given_up(letter: Letter, reason: str) -> None:
    log.error("letter_given_up", letter=letter.id, kind=letter.kind, tries=letter.tries, reason=reason)

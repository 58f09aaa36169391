"""Transactional outbox: a letter that is due is claimed, sent, and gone; or retried, later and later (backoff).

A claim is a lease: whoever dies with a letter in hand loses it to the next, so a letter is sent once, and twice only if
somebody died between the mail server's yes and the note of it. The log tells of letters by their ids, never to whom.
"""

import structlog

from bucketlist import config
from bucketlist.config import Settings
from bucketlist.kit import clock, smtp
from bucketlist.kit.ids import new_id
from bucketlist.kit.mail_url import read_mail_url
from bucketlist.kit.seldom import Seldom
from bucketlist.mail import notifications, queries
from bucketlist.mail.messages import Envelope, link_to, write_message
from bucketlist.mail.queries import Letter

LEASE_MINUTES = 10.0  # longer than the slowest mail server takes for all its answers
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 3600.0
TOLD_EVERY_SECONDS = 60.0  # of each mail server and reason

log = structlog.get_logger()
seldom = Seldom(TOLD_EVERY_SECONDS)


def send_due_letters() -> int:
    """How many were sent. One that is refused keeps nobody waiting; only a mail server that is away ends the round."""
    sent = 0
    while letter := queries.claim_letter(clock.now_text(), clock.text_from_now(minutes=LEASE_MINUTES)):
        if not _is_worth_sending(letter):
            queries.remove_letter(letter)
            continue
        problem = _send(letter)
        if problem is None:
            queries.remove_letter(letter)
            sent += 1
            continue
        _put_back(letter, problem)
        if problem.is_away:
            notifications.away.set()
            break
    else:
        notifications.away.clear()
    return sent


def invitation_link(token: str) -> str:
    """Where whoever has it makes an account."""
    return link_to(config.current().base_url, "sign-up", token)


def send_at_once(settings: Settings, kind: str, email: str, token: str | None = None) -> None:
    """A letter that somebody at a terminal waits for; it is not kept. Raises: `smtp.NotSent`."""
    envelope = Envelope(new_id(), settings.sender, email, clock.now())
    smtp.send(
        read_mail_url(settings.mail_url),
        write_message(kind, token, settings.base_url, envelope),
        settings.sender,
        email,
    )


def pause_seconds(tries: int) -> float:
    """Exponential backoff: how long to wait after so many tries, twice as long each time."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 20), LONGEST_PAUSE_SECONDS)


def _is_worth_sending(letter: Letter) -> bool:
    """Not when its time is over, nor when its link is worthless meanwhile: a newer letter has a newer one."""
    if letter.given_up_at <= clock.now_text():
        _note_given_up(letter, "too old")
        return False
    return letter.seed is None or notifications.is_link_live(letter.seed, letter.kind)


def _send(letter: Letter) -> smtp.NotSent | None:
    """None when the mail server has it."""
    settings = config.current()
    token = notifications.token_of(letter.seed) if letter.seed else None
    envelope = Envelope(letter.id, settings.sender, letter.email, clock.from_text(letter.created_at))
    try:
        message = write_message(letter.kind, token, settings.base_url, envelope)
        smtp.send(read_mail_url(settings.mail_url), message, settings.sender, letter.email)
    except smtp.NotSent as problem:
        return problem
    return None


def _put_back(letter: Letter, problem: smtp.NotSent) -> None:
    if problem.is_final:
        queries.remove_letter(letter)
        _note_given_up(letter, str(problem))
        return
    queries.try_again(letter, clock.text_from_now(seconds=pause_seconds(letter.tries)))
    reason = str(problem)
    untold = seldom.untold(f"{config.current().mail_url} {reason}")
    if untold is not None:
        about = {"letter": letter.id, "kind": letter.kind, "tries": letter.tries}
        log.warning("letter_not_sent", **about, reason=reason, untold=untold)


def _note_given_up(letter: Letter, reason: str) -> None:
    log.error("letter_given_up", letter=letter.id, kind=letter.kind, tries=letter.tries, reason=reason)

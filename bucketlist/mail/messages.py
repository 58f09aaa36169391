"""Mail message templates: plain, short, and without anything that somebody typed in. Pure.

Source: RFC 5322, RFC 3834 section 5 (the header that keeps automatic answers away).
"""

import re
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from bucketlist.kit.smtp import address_of

UNSAID = "undisclosed-recipients:;"

_looks_encoded = re.compile(r"=\?[^?]*\?[^?]*\?[^?]*\?=").search  # and would be decoded, into somebody else's address


class Words(NamedTuple):
    """What a letter says: above its link and below, or as a whole."""

    subject: str
    before: str
    page: str = ""
    after: str = ""


GREETING = "Hello,"
FAREWELL = "Whatever you are looking forward to: all the best with it.\n\nbucketlist at {home}"

WORDS = {
    "reset": Words(
        "A new password for bucketlist",
        "somebody, you we hope, has asked for a new password for your account.\nThis link lets you choose one:",
        "reset",
        "It is good for an hour, and once. If you did not ask for it, there is\n"
        "nothing to do: your password stays what it is.",
    ),
    "confirm": Words(
        "Is this your address?",
        "somebody, you we hope, keeps a bucket list under this email address.\n"
        "With this link you show that the address is yours:",
        "confirm",
        "It is good for a week. If you do not know what this is about, leave it\n"
        "alone. Until you follow the link, the address counts as nobody's. Have\n"
        "your password at hand; without it you can take the account over from\n"
        "whoever made it with your address.",
    ),
    "invitation": Words(
        "You are invited to bucketlist",
        "whoever runs this service invites you to keep a bucket list here: what you\n"
        "want to do before you die. With this link you make your account:",
        "sign-up",
        "It is good once, for some days, and for this address. If you do not want\n"
        "it, there is nothing to do: nothing was made in your name.",
    ),
    "test": Words(
        "A test letter from bucketlist",
        "somebody who runs this service wanted to see whether its mail arrives.\nIt does. There is nothing to do.",
    ),
    "password_changed": Words(
        "Your bucketlist password has changed",
        "the password of your account has just been changed, and other devices are\n"
        "signed out. If it was you, all is well.\n\n"
        "If it was not, choose a new one at once: ask for a link with 'forgotten\n"
        "password', or turn to the person who runs the service.",
    ),
    "password_reset": Words(
        "Your bucketlist password has changed",
        "a new password has just been set for your account. Everybody is signed\n"
        "out, and all personal tokens have ended: scripts need new ones. If it\n"
        "was you, all is well.\n\n"
        "If it was not, choose a new one at once: ask for a link with 'forgotten\n"
        "password', or turn to the person who runs the service.",
    ),
    "token_made": Words(
        "A new personal token for your bucketlist account",
        "a personal token has just been made for your account. Whoever has it can\n"
        "read it, or change it, without your password. If it was you, all is well.\n\n"
        "If it was not, end it in the list of your personal tokens, and choose a\n"
        "new password at once.",
    ),
    "email_changed": Words(
        "Your bucketlist account has a new address",
        "your account has just been given another email address; this is the last\n"
        "letter to this one. Other devices are signed out, and personal tokens\n"
        "have ended. If it was you, all is well.\n\n"
        "If it was not, turn to the person who runs the service at once.",
    ),
}


class Envelope(NamedTuple):
    """Of one letter: its id, from whom, to whom, when it was written."""

    letter_id: str
    sender: str
    recipient: str
    written_at: datetime


def link_to(home: str, page: str, token: str | None) -> str:
    return f"{home}/{page}?token={token}"


def write_message(kind: str, token: str | None, home: str, envelope: Envelope) -> EmailMessage:
    """The letter of a kind; `token` is that of its link, `home` where the service is reached."""
    words = WORDS[kind]
    link = [link_to(home, words.page, token)] if words.page else []
    parts = [GREETING, words.before, *link, *filter(None, [words.after]), FAREWELL.format(home=home)]
    message = EmailMessage()
    message["From"] = address_of(envelope.sender)
    message["To"] = UNSAID if _looks_encoded(envelope.recipient) else address_of(envelope.recipient)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(envelope.written_at)
    message["Message-ID"] = f"<{envelope.letter_id}@{envelope.sender.rpartition('@')[2]}>"  # the same at each try
    message["Auto-Submitted"] = "auto-generated"
    text = "\n\n".join(parts) + "\n"
    message.set_content(text, cte="7bit" if text.isascii() else None)  # so that the link stays in one piece
    message["Content-Language"] = "en"  # afterwards: what is set with the text takes its like away
    return message

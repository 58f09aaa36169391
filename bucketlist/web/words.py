"""Error messages of forms and pages, in words for people and in their language."""

import re
from collections.abc import Iterable
from typing import Any

from babel.numbers import format_decimal

from bucketlist.kit.errors import FieldError, Refusal
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import gettext_noop, locale, ngettext

EMAIL_FAULTS = (  # of an address, each a sentence of `kit/emails.py`
    gettext_noop("This is not a valid email address."),
    gettext_noop("It has no @."),
    gettext_noop("What is before the @ is not the name of a mailbox in plain letters."),
    gettext_noop("What is behind the @ is not the name of a domain."),
    gettext_noop("It is too long: with its domain in ASCII, 254 bytes are the most."),
    gettext_noop("What is behind the @ has no dot, or ends in a number: no mail reaches it from here."),
)

_number = re.compile(r"\d[\d,]*").search
_sentences = re.compile(r"(?<=[.!?]) ").split


def refusal_words(refusal: Refusal) -> str:
    """Why something was refused, as a sentence."""
    if refusal.status == 429:
        return _too_many(refusal)
    told = {
        "unauthorized": _("You are signed out."),
        "unavailable": _("The service cannot save anything right now. Try again shortly."),
        "precondition_failed": _("This was changed meanwhile."),
        "wrong_password": _("The password is not right."),
        "limit_reached": _("There is no room for more of these."),
        "storage_full": _("There is no room left; nothing was saved."),
        "internal_error": _("Something broke on our side. It has been noted."),
        "not_found": _("There is nothing of yours at this address."),
        "wrong_credentials": _("The email or the password is not right."),
        "email_taken": _("There is an account with this email already."),
        "account_disabled": _("This account has been disabled by whoever runs the service. What is in it is kept."),
    }
    return told.get(refusal.code) or errors_words(refusal.errors) or _(refusal.detail)


def errors_words(errors: Iterable[FieldError]) -> str:
    """What a service has found wrong with fields, each once."""
    return " ".join(dict.fromkeys(field_words({"type": one["code"], "msg": one["detail"]}) for one in errors))


def _too_many(refusal: Refusal) -> str:
    minutes = -(-int(refusal.headers.get("Retry-After", "60")) // 60)
    form = ngettext(
        "There have been too many attempts. Try again in %(minutes)s minute.",
        "There have been too many attempts. Try again in %(minutes)s minutes.",
        minutes,
    )
    return form % {"minutes": minutes}


def field_words(error: Any) -> str:
    """What is wrong with a field, by the code of the error; in the words of the schema where we have no others."""
    told: str = error["msg"]
    words = {**_text_words(), **_choice_words()}.get(error["type"])
    if words is None:
        return " ".join(_(sentence) for sentence in _sentences(told))
    found = _number(told)
    return words % {"most": format_decimal(int(found[0].replace(",", "")), locale=locale()) if found else ""}


def _text_words() -> dict[str, str]:
    return {
        "string_too_short": _("Write something here."),
        "missing": _("Write something here."),
        "string_too_long": _("At most %(most)s characters fit here."),
        "invisible": _("Write something here that can be seen."),
        "control_character": _("Control characters are not allowed here."),
        "combining_marks": _("At most %(most)s combining marks may follow each other."),
        "line_break": _("This is one line, so it has no line breaks."),
        "url": _("An address is meant here that begins with http:// or https://."),
        "password_length": _("A password has 8 to 256 characters."),
        "password_well_known": _("This password is among those that everybody tries first."),
        "password_is_email": _("The password must not be the email."),
        "password_missing": _("Another email takes your password."),
    }


def _choice_words() -> dict[str, str]:
    return {
        "too_long": _("There are at most %(most)s of these."),
        "int_parsing": _("This is a number, in digits."),
        "greater_than_equal": _("This is %(most)s or more."),
        "less_than_equal": _("This is %(most)s or less."),
        "fuzzy_date": _(
            "This is no time that we can read. Try 2031, June 2031, summer 2031, the thirties, or about 1987."
        ),
        "date_time": _("This is no day that there is."),
        "in_the_past": _("This day has passed."),
        "duplicate": _("Each of them is named once."),
        "bucket_not_found": _("There is no such list of yours."),
        "photo_format": _("This is no picture in JPEG, PNG, WebP, HEIC or AVIF."),
        "photo_damaged": _("This picture is damaged or cut off, or takes far more work than pictures do."),
        "photo_too_large": _("This picture has more than 64 megapixels."),
    }

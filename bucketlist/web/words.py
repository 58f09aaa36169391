"""Error messages of forms and pages, in words for people and in their language."""

import re
from typing import Any

from bucketlist.kit.errors import Refusal
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import ngettext

_number = re.compile(r"\d[\d,]*").search


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
    return (
        told.get(refusal.code) or " ".join(dict.fromkeys(error["detail"] for error in refusal.errors)) or refusal.detail
    )


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
    found = _number(told)
    words = {
        "string_too_short": _("Write something here."),
        "missing": _("Write something here."),
        "string_too_long": _("At most %(most)s characters fit here."),
        "too_long": _("There are at most %(most)s of these."),
        "invisible": _("Write something here that can be seen."),
        "control_character": _("Control characters are not allowed here."),
        "line_break": _("This is one line, so it has no line breaks."),
        "url": _("An address is meant here that begins with http:// or https://."),
        "int_parsing": _("This is a number, in digits."),
        "greater_than_equal": _("This is %(most)s or more."),
        "less_than_equal": _("This is %(most)s or less."),
        "fuzzy_date": _(
            "This is no time that we can read. Try 2031, June 2031, summer 2031, the thirties, or about 1987."
        ),
        "password_length": _("A password has 8 to 256 characters."),
        "password_well_known": _("This password is among those that everybody tries first."),
        "password_is_email": _("The password must not be the email."),
        "bucket_not_found": _("There is no such list of yours."),
    }
    return words.get(error["type"], told) % {"most": found[0] if found else ""} if error["type"] in words else told

"""Email address validation and normalisation: which are valid, and which of them are one mailbox.

An address is kept as it was typed. It is found by its folded copy: of the local part, letters that differ in case only
are alike and nothing else is, for to a mail server a wide letter, a ligature or a long s is another letter; of the
domain, the A-label (IDNA 2008 after the mapping of UTS #46), so that an umlaut and its `xn--` are one.

Source: RFC 5321 section 2.3.11 (local parts belong to their host), RFC 5890 (A-labels), RFC 6531, RFC 6532 section 3.1.
"""

import unicodedata
from functools import lru_cache

import email_validator
from email_validator import validate_email
from pydantic_core import PydanticCustomError

from bucketlist.kit.text import normalise, refuse_breaks

MAX_LENGTH = 254
UNREACHABLE = frozenset(email_validator.SPECIAL_USE_DOMAIN_NAMES)

email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()  # some serve well at home: which are taken, `check_email` decides


def check_email(text: str, *, can_mail: bool) -> str:
    """The address as it is kept: in NFC, without white space at the ends. Nothing is asked of the network.

    Where there is mail, a domain has to be one that mail could be sent to. What is wrong is told, without its text.

    Raises: `PydanticCustomError`.
    Source: RFC 5321 section 4.5.3.1, RFC 6761 (special-use domain names), RFC 8375 (`home.arpa`).
    """
    email = normalise(refuse_breaks(text), MAX_LENGTH)
    ascii_domain = _ascii_domain(email) if _is_plain(email.rpartition("@")[0]) else None
    if ascii_domain is None:
        raise _refusal(_find_fault(email))
    if can_mail:
        _refuse_unreachable(ascii_domain)
    return email


def fold_email(email: str) -> str:
    """The copy of an address by which its account is found; of what is no address, something that is nobody's."""
    if email.isascii():
        return email.lower()
    local, at, domain = email.rpartition("@")
    return _fold_local(local) + at + _fold_domain(domain)


def spelling(email: str) -> str:
    """The address in lower case as ASCII knows it: the copy by which an account is found whose mailbox has two.

    There are such accounts from before the two spellings of a domain were one; each is found by its own.
    """
    return email.encode().lower().decode()


def is_same_mailbox(one: str, other: str) -> bool:
    """Are they alike but for the case of ASCII letters, so that whoever reads one surely reads the other?"""
    return spelling(one) == spelling(other)


def _fold_local(local: str) -> str:
    if local.isascii():
        return local.lower()
    return unicodedata.normalize("NFC", "".join(map(_fold_letter, unicodedata.normalize("NFC", local))))


@lru_cache(1024)
def _fold_letter(letter: str) -> str:
    """Simple case folding, of letters that stand for themselves. No letter becomes an ASCII letter that it was not.

    Source: Unicode Standard section 5.18, CaseFolding.txt (status C and S).
    """
    if letter.isascii():
        return letter.lower()
    folded = letter.casefold() if len(letter.casefold()) == 1 else letter.lower()
    is_itself = unicodedata.normalize("NFKC", letter) == letter
    return folded if is_itself and len(folded) == 1 and not folded.isascii() else letter


def _fold_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    return _ascii_domain(f"x@{domain}") or unicodedata.normalize("NFC", domain)


def _ascii_domain(email: str) -> str | None:
    """The domain of an address, as mail servers know it; None when it is no address."""
    if len(email) > MAX_LENGTH:
        return None
    try:
        return validate_email(
            email, check_deliverability=False, strict=True, globally_deliverable=False
        ).ascii_domain.lower()
    except ValueError:
        return None


def _is_plain(local: str) -> bool:
    """Does no letter stand for others, as wide ones and ligatures do, so that nobody takes it for another address?

    Source: Unicode Technical Standard #39, section 3.3 (email security profiles).
    """
    return local.isascii() or unicodedata.normalize("NFKC", local) == local


def _find_fault(email: str) -> str:
    local, at, domain = email.rpartition("@")
    if not at:
        return "It has no @."
    if not _is_plain(local) or not _ascii_domain(f"{local}@example.com"):
        return "What is before the @ is not the name of a mailbox in plain letters."
    if not _ascii_domain(f"x@{domain}"):
        return "What is behind the @ is not the name of a domain."
    return f"It is too long: with its domain in ASCII, {MAX_LENGTH} bytes are the most."


def _refuse_unreachable(ascii_domain: str) -> None:
    labels = ascii_domain.split(".")
    if labels[-1] in UNREACHABLE:
        raise _refusal(f"What is behind the @ ends in “{labels[-1]}”: no mail reaches it from here.")
    if len(labels) == 1 or labels[-1].isdigit():
        raise _refusal("What is behind the @ has no dot, or ends in a number: no mail reaches it from here.")


def _refusal(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("email", f"This is not a valid email address. {sentence}")

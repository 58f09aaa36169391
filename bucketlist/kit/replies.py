"""SMTP replies: which of them are about the recipient alone, and which about what an operator can mend.

Source: RFC 5321 section 4.2, RFC 3463 and RFC 7504 (codes), RFC 6531 section 3.5 (addresses beyond ASCII).
"""

import re

BAD_RECIPIENT = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.6.7")  # whatever the words beside them
UNCLEAR = "5.1.0"
UNCLEAR_CODES = (550, 551, 553, 556)  # a mailbox that is unknown, or a relay that has its reasons

find_status = re.compile(rb"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])").search
in_brackets = re.compile(rb"<[^<>]*>")
is_about_us = re.compile(
    rb"relay|rcpthosts|sender|\bfrom\b|authenti|\bauth\b|log ?in|sign ?in|password|tls|encrypt|certificate"
    rb"|polic|prohibit|block|black ?list|\blisted|spam|reputation|\blimit|quota|too many|client|\bhelo\b|\behlo\b"
    rb"|reverse|\bptr\b|\bip\b|denied|permi(?:t|ss)|not allowed|access|temporar|try again",
    re.IGNORECASE,
).search


def code_of(code: int, text: bytes) -> str:
    """The reply code and the enhanced status code, and nothing of the words: they may name the recipient."""
    found = find_status(text)
    return f"{code} {found[0].decode()}" if found else str(code)


def is_final(code: int, text: bytes, *, to_recipient: bool) -> bool:
    """Would this recipient be refused however the mail server is set up? `to_recipient`: was it the answer to RCPT?"""
    if code < 500:
        return False
    found = find_status(text)
    status = found[0].decode() if found else ""
    if status in BAD_RECIPIENT:
        return True
    is_unclear = status == UNCLEAR or (not status and code in UNCLEAR_CODES)
    return to_recipient and is_unclear and not is_about_us(_without_addresses(text))


def _without_addresses(text: bytes) -> bytes:
    return b" ".join(word for word in in_brackets.sub(b"", text).split() if b"@" not in word)

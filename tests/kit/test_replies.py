"""F8: SMTP replies: what mail servers say when they refuse a recipient, and whether that is the end of a letter."""

import pytest

from bucketlist.kit.replies import code_of, is_final

ABOUT_THE_RECIPIENT = [
    "550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in local recipient table",
    "550 5.1.1 The email account that you tried to reach does not exist",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "550 5.1.2 <ada@exmaple.com>: Domain not found",
    "501 5.1.3 Bad recipient address syntax",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "556 5.1.10 Domain does not accept mail",
    "553 5.6.7 Address includes a non-ASCII name",
    "550 5.1.0 <ada@example.com> address unknown",
    "550 User unknown",
    "550 No such user here",
    "550 Unrouteable address",
    "550 Requested action not taken: mailbox unavailable",
    "550 <relay.access@example.com>: no mailbox of this name",
    "551 User not local",
    "553 mailbox name invalid",
    "556 domain takes no mail",
]
ABOUT_US = [
    "450 4.1.1 <ada@example.com>: unverified address",
    "451 4.7.1 Greylisted",
    "452 4.2.2 Mailbox full",
    "552 5.2.2 Mailbox full",
    "552 5.3.4 Message size exceeds limit",
    "530 5.7.0 Must issue a STARTTLS command first",
    "530 5.7.0 Authentication required",
    "535 5.7.8 Bad credentials",
    "550 5.7.1 Unable to relay for ada@example.com",
    "554 5.7.1 <ada@example.com>: Relay access denied",
    "554 Relay denied",
    "550 relay not permitted",
    "550 Relaying denied",
    "550 Administrative prohibition",
    "550 Sender verify failed",
    "550 authentication required",
    "550 You must log in first",
    "550 blocked, see 5.1.1.8",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "553 5.1.8 <lists@example.org>: Sender address rejected: Domain not found",
    "550 5.1.7 Invalid sender",
    "550 5.1.0 Sender rejected",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 Too many recipients",
    "521 no mail here",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked",
    "500 What?",
    "503 5.5.1 Bad sequence",
]


@pytest.mark.parametrize("reply", ABOUT_THE_RECIPIENT)
def test_f8_a_recipient_that_there_is_not_ends_a_letter(reply: str) -> None:
    assert is_final(int(reply[:3]), reply[4:].encode(), to_recipient=True)


@pytest.mark.threat(row=60)
@pytest.mark.parametrize("reply", ABOUT_US)
def test_f8_what_an_operator_can_mend_ends_no_letter(reply: str) -> None:
    assert not is_final(int(reply[:3]), reply[4:].encode(), to_recipient=True)


def test_f8_what_is_said_of_the_text_of_a_letter_is_final_only_when_it_names_the_recipient() -> None:
    assert is_final(550, b"5.1.1 User unknown", to_recipient=False)
    assert not is_final(550, b"Unknown", to_recipient=False)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("550 5.1.1 <ada@example.com> unknown", "550 5.1.1"),
        ("550 ada@example.com", "550"),
        ("553 no (#5.7.1)", "553 5.7.1"),
        ("550 192.5.1.1", "550"),
    ],
)
def test_f8_of_a_reply_only_its_codes_are_told(reply: str, told: str) -> None:
    assert code_of(int(reply[:3]), reply[4:].encode()) == told

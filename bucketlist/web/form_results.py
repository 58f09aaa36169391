"""HTML form results: what becomes of a form that somebody has sent, in words for people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from bucketlist.auth.errors import RegistrationClosed
from bucketlist.kit.errors import Refusal
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import gettext_noop
from bucketlist.web.words import errors_words, field_words, refusal_words

PASSWORDS = ("password", "newPassword", "")  # the last is a rule of the whole
LINK_FIELDS = ("token", "invitation", "currentPassword")
INCOMPLETE = gettext_noop("The link is not whole. Copy it from the letter in one piece.")
UNINVITED = gettext_noop(
    "Here one makes an account with the link of an invitation; ask whoever runs this service for one."
)


@dataclass(frozen=True, slots=True)
class FormResult:
    """The status of the answer; what is wrong as a whole, or with the password; the headers that go with it."""

    status: int
    problem: str = ""
    password_problem: str = ""
    is_done: bool = False
    is_closed: bool = False  # is there no form, as nothing could come of it?
    headers: Mapping[str, str] = field(default_factory=dict)


def first_look(token: str, without: str = INCOMPLETE) -> FormResult:
    """Before anything was sent: without a token nothing could be, and `without` says so."""
    return FormResult(200) if token else FormResult(200, _(without), is_closed=True)


def first_look_at_door(token: str, registration: str) -> FormResult:
    """The same of a new account, which takes an open door, or a half-open one and an invitation."""
    if registration == "closed":
        return FormResult(200, _(RegistrationClosed.default_detail), is_closed=True)
    return FormResult(200) if registration == "open" else first_look(token, UNINVITED)


def attempt(work: Callable[[], object]) -> FormResult:
    """Do what the form asks for, and say how that went."""
    try:
        work()
    except ValidationError as error:
        return _of_fields(error)
    except Refusal as refusal:
        password_problem = errors_words(refusal.errors)
        problem = "" if password_problem else refusal_words(refusal)
        return FormResult(refusal.status, problem, password_problem, headers=refusal.headers)
    return FormResult(200, is_done=True)


def _of_fields(error: ValidationError) -> FormResult:
    """A password, also one that is the email, is told beside its field; all else above the form."""
    told = {"".join(map(str, item["loc"][:1])): field_words(item) for item in error.errors(include_input=False)}
    password_problem = " ".join(told.pop(name) for name in PASSWORDS if name in told)
    problems = [_(INCOMPLETE) if name in LINK_FIELDS else message for name, message in told.items()]
    return FormResult(422, " ".join(problems), password_problem)

"""HTML pages of settings: profile, password, look and language, sessions, personal tokens, and leaving."""

from collections.abc import Callable
from typing import Any

from flask import Response

from bucketlist import config
from bucketlist.accounts import service as accounts
from bucketlist.accounts.schemas import PasswordIn, UserDelete, UserPatch
from bucketlist.auth import users
from bucketlist.auth.guard import actor
from bucketlist.kit.etags import Preconditions
from bucketlist.kit.ids import known
from bucketlist.limits.route_limits import rate_limited_by
from bucketlist.services import services
from bucketlist.sessions import service as sessions
from bucketlist.sessions.schemas import Session, SessionQuery, TokenIn, TokenOut
from bucketlist.web.blueprint import act, read
from bucketlist.web.doors import leave
from bucketlist.web.finding import find_lists
from bucketlist.web.form import Form
from bucketlist.web.languages import LANGUAGES
from bucketlist.web.look import THEMES, Look, write_look
from bucketlist.web.pages import go_to, page
from bucketlist.web.toasts import Toast
from bucketlist.web.wish_forms import Errors, Mistaken, attempted, validate

MOST = {"limit": "100"}


@read("/settings")
def read_settings() -> Response:
    """All settings on one page, its parts by their anchors."""
    return settings_page()


def settings_page(
    status: int = 200, wrong: str = "", fields: Any = None, errors: Errors | None = None, **values: Any
) -> Response:
    """The page, with the form that is `wrong` as it was filled in."""
    person = actor()
    account = accounts.get_account(person)
    query = SessionQuery.model_validate(MOST)
    signed_in = [
        Session.to_json_object((*row[:4], row[0] == person.session_id))
        for row in sessions.list_sessions(person, query).rows
    ]
    tokens = [TokenOut.to_json_object(sessions.as_shown(row)) for row in sessions.list_tokens(person, query).rows]
    values |= {"sessions": signed_in, "tokens": tokens, "lists": find_lists(person), "user": account.user}
    values |= {"used": account.storage_bytes, "quota": config.current().storage_quota_bytes}
    values |= {"wrong": wrong, "fields": fields or {}, "errors": errors or {}}
    return page("settings.html", status, person=person, **values)


def _attempt(wrong: str, sent: Form, work: Callable[[], Response]) -> Response:
    """What `work` answers; or the page, which says what is wrong with the form."""
    try:
        return work()
    except Mistaken as mistake:
        return settings_page(mistake.status, wrong, dict(sent.without_secrets()), mistake.errors)


@act("/settings/profile")
@rate_limited_by("password")
def send_profile(sent: Form) -> Response:
    """Changes the name; the email as well, with the password."""

    def work() -> Response:
        fields: dict[str, str] = {"name": sent.text("name")}
        if sent.text("email") != users.get_user(actor()).email:
            fields |= {"email": sent.text("email"), "currentPassword": sent.text("password")}
        wanted = validate(UserPatch, fields)
        attempted(lambda: accounts.change_user(actor(), wanted, Preconditions()))
        return go_to("read_settings", Toast("saved"))

    return _attempt("profile", sent, work)


@act("/settings/password")
@rate_limited_by("password")
def send_password(sent: Form) -> Response:
    """Sets another password; every other session ends."""

    def work() -> Response:
        fields = {"currentPassword": sent.text("password"), "newPassword": sent.text("newPassword")}
        wanted = validate(PasswordIn, fields)
        attempted(lambda: accounts.change_password(actor(), wanted))
        return go_to("read_settings", Toast("saved"), _anchor="password")

    return _attempt("password", sent, work)


@act("/settings/look")
def send_look(sent: Form) -> Response:
    """Keeps on this device how pages look and speak."""
    theme, language = sent.text("theme"), sent.text("language")
    look = Look(theme if theme in THEMES else "", language if language in LANGUAGES else "", sent.has("keys"))
    response = go_to("read_settings", Toast("saved"), _anchor="look")
    write_look(response, look)
    return response


@act("/settings/sessions/<session_id>/end")
def send_end_session(session_id: str, sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """Signs out elsewhere."""
    sessions.end_session(actor(), known(session_id))
    return go_to("read_settings", Toast("signed-out-there"), _anchor="sessions")


@act("/settings/sessions/end")
def send_end_other_sessions(sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """Signs out everywhere else."""
    sessions.end_other_sessions(actor())
    return go_to("read_settings", Toast("signed-out-there"), _anchor="sessions")


@act("/settings/tokens")
@rate_limited_by("password")
def send_token(sent: Form) -> Response:
    """Makes a personal token, which is shown on the page that comes back and never again."""

    def work() -> Response:
        scope = "write" if sent.has("write") else "read"
        fields: dict[str, Any] = {"name": sent.text("name"), "scope": scope, "currentPassword": sent.text("password")}
        fields |= {"expiresAt": f"{sent.text('expires')}T23:59:59Z"} if sent.text("expires") else {}
        wanted, made = validate(TokenIn, fields), list[str]()
        attempted(lambda: made.append(sessions.add_token(actor(), wanted, services().personal_tokens)[1]))
        response = settings_page(made=made[0])
        response.headers["Cache-Control"] = "no-store"
        return response

    return _attempt("tokens", sent, work)


@act("/settings/tokens/<token_id>/end")
def send_end_token(token_id: str, sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """Makes a personal token worthless."""
    sessions.end_token(actor(), known(token_id))
    return go_to("read_settings", Toast("token-ended"), _anchor="tokens")


@act("/settings/delete")
@rate_limited_by("password")
def send_delete_account(sent: Form) -> Response:
    """Removes the account and all that is in it, for good."""

    def work() -> Response:
        wanted = validate(UserDelete, {"password": sent.text("password")})
        attempted(lambda: accounts.delete_user(actor(), wanted.password, Preconditions()))
        return leave()

    return _attempt("delete", sent, work)

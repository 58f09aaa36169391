"""HTML forms of authentication: sign up, sign in, sign out, and ask for a new password.

Who comes from a page of others is refused, as nobody is to be signed in to somebody else’s account (login CSRF). What
opens a session is what opens one in the API; the cookie is all that a browser gets of it.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for

from bucketlist import config
from bucketlist.accounts import login, recovery, registration
from bucketlist.accounts.schemas import ForgotIn, LoginIn, RegisterIn
from bucketlist.auth.cookie_sessions import KEPT_SECONDS
from bucketlist.auth.guard import actor
from bucketlist.kit.http.route_policy import public
from bucketlist.kit.http.validation import takes_form
from bucketlist.limits.networks import Place
from bucketlist.limits.route_limits import rate_limited_by
from bucketlist.services import services
from bucketlist.sessions import lifecycle
from bucketlist.sessions.lifecycle import SignedIn
from bucketlist.web.blueprint import (
    MAX_FORM_BYTES,
    act,
    asked_from,
    blueprint,
    person_if_any,
    read_in_public,
    refuse_other_sites,
)
from bucketlist.web.cookies import forget_cookie, set_cookie
from bucketlist.web.form import Form
from bucketlist.web.form_results import FormResult, attempt, first_look_at_door
from bucketlist.web.pages import back_from, go_to_path, secret_page

CLEARED = '"cache", "storage"'  # what others at this device might find, drafts too


@read_in_public("/sign-in")
def read_sign_in() -> Response:
    """A form for email and password; whoever is signed in already goes on."""
    if person_if_any():
        return go_to_path(back_from(request.args.get("next", ""), url_for("web.read_home")))
    return door("sign-in.html", FormResult(200), next=request.args.get("next", ""), email="")


@blueprint.post("/sign-in")
@public
@rate_limited_by("login")
@takes_form(MAX_FORM_BYTES)
def send_sign_in(form: Any) -> Response:
    """Opens a session, and goes on to where one wanted to be; or says what is wrong."""
    refuse_other_sites()
    sent, opened = Form(form), list[SignedIn]()
    fields = {"email": sent.text("email"), "password": sent.text("password")}
    outcome = attempt(lambda: opened.append(login.log_in(LoginIn.model_validate(fields), *_here())))
    if not opened:
        return door("sign-in.html", outcome, next=sent.text("next"), email=sent.text("email"))
    place = back_from(sent.text("next"), url_for("web.read_home"))
    return _let_in(go_to_path(place), opened[0], is_kept=sent.has("stay"))


@read_in_public("/sign-up")
def read_sign_up_form() -> Response:
    """A form for a new account, for anybody or for whoever has an invitation; else that it takes one."""
    token = request.args.get("token", "")
    outcome = first_look_at_door(token, config.current().registration)
    return door("sign-up.html", outcome, token=token, email="", name="")


@blueprint.post("/sign-up")
@public
@rate_limited_by("register", "link")
@takes_form(MAX_FORM_BYTES)
def send_sign_up_form(form: Mapping[str, str]) -> Response:
    """Makes an account and signs in; or says what is wrong."""
    refuse_other_sites()
    token, email, name = (form.get(field, "") for field in ("token", "email", "name"))
    fields = {"email": email, "name": name, "password": form.get("password", "")}
    fields |= {"invitation": token} if token else {}
    opened = list[SignedIn]()

    def register() -> None:
        wanted = RegisterIn.model_validate(fields)
        opened.append(registration.register(wanted, *_here(), is_invitation_needed=bool(token)))

    outcome = attempt(register)
    if not opened:
        return door("sign-up.html", outcome, token=token, email=email, name=name)
    return _let_in(go_to_path(url_for("web.read_welcome")), opened[0], is_kept=True)


@read_in_public("/forgot")
def read_forgot_form() -> Response:
    """A form for an email, to which a link to a new password is sent."""
    return door("forgot.html", FormResult(200), email="")


@blueprint.post("/forgot")
@public
@rate_limited_by("forgot")
@takes_form(MAX_FORM_BYTES)
def send_forgot_form(form: Mapping[str, str]) -> Response:
    """The same answer, whether there is such an account or not."""
    refuse_other_sites()
    email = form.get("email", "")
    outcome = attempt(lambda: recovery.forgot_password(ForgotIn.model_validate({"email": email}), asked_from()))
    return door("forgot.html", outcome, email=email)


@act("/sign-out")
def send_sign_out(sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """Ends the session."""
    lifecycle.log_out(actor())
    return leave()


def leave() -> Response:
    """To the homepage, without a session; the browser forgets what it kept of it."""
    response = go_to_path(url_for("web.read_home"))
    forget_cookie(response, "session")
    response.headers["Clear-Site-Data"] = CLEARED
    return response


def _let_in(response: Response, opened: SignedIn, *, is_kept: bool) -> Response:
    person = services().access_tokens.read(opened.access_token)
    cookie = services().cookie_sessions.issue(person)
    set_cookie(response, "session", cookie, KEPT_SECONDS if is_kept else None)
    return response


def _here() -> tuple[Place, Any]:
    return asked_from(), services().access_tokens


def door(template: str, outcome: FormResult, **values: Any) -> Response:
    """A page with a form, which says that it comes from here; the secret in its address goes to no other host."""
    response = secret_page(template, outcome, **values)
    response.headers["Referrer-Policy"] = "same-origin"
    return response

"""HTTP routes of HTML forms, to which the links of letters lead.

The token in the address is all the right that there is to a form, so nobody can trick somebody else into sending one.
Reading it changes nothing, for programs that look after mail follow links before people do.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from bucketlist import config
from bucketlist.accounts import recovery, registration
from bucketlist.accounts.schemas import ConfirmIn, RegisterIn, ResetIn
from bucketlist.docs.error_pages import page_or_problem
from bucketlist.kit.http.error_handlers import answer_errors
from bucketlist.kit.http.route_policy import public
from bucketlist.kit.http.validation import takes_form
from bucketlist.limits.networks import Place, place_of
from bucketlist.limits.route_limits import rate_limited_by
from bucketlist.web.form_results import FormResult, attempt, first_look, first_look_at_door

blueprint = Blueprint("web", __name__, template_folder="templates")
answer_errors(blueprint, page_or_problem)

MAX_FORM_BYTES = 8 * 1024


@blueprint.get("/reset")
@public
def read_reset_form() -> Response:
    """A form for a new password, for whoever has the link."""
    token = request.args.get("token", "")
    return form_page("reset.html", token, first_look(token))


@blueprint.post("/reset")
@public
@rate_limited_by("link")
@takes_form(MAX_FORM_BYTES)
def send_reset_form(form: Mapping[str, str]) -> Response:
    """What became of it."""
    token, password = form.get("token", ""), form.get("password", "")
    fields = {"token": token, "newPassword": password}
    outcome = attempt(lambda: recovery.reset_password(ResetIn.model_validate(fields), asked_from()))
    return form_page("reset.html", token, outcome)


@blueprint.get("/sign-up")
@public
def read_sign_up_form() -> Response:
    """A form for a new account, for whoever has an invitation; else that it takes one."""
    token = request.args.get("token", "")
    outcome = first_look_at_door(token, config.current().registration)
    return form_page("sign-up.html", token, outcome, email="", name="")


@blueprint.post("/sign-up")
@public
@rate_limited_by("register", "link")
@takes_form(MAX_FORM_BYTES)
def send_sign_up_form(form: Mapping[str, str]) -> Response:
    """What became of it. Also where anybody may sign up it takes an invitation: others’ pages can send forms too."""
    token, email, name = (form.get(field, "") for field in ("token", "email", "name"))
    fields = {"invitation": token, "email": email, "name": name, "password": form.get("password", "")}
    outcome = attempt(lambda: registration.accept_invitation(RegisterIn.model_validate(fields), asked_from()))
    return form_page("sign-up.html", token, outcome, email=email, name=name)


@blueprint.get("/confirm")
@public
def read_confirm_form() -> Response:
    """A button for whoever has the link."""
    token = request.args.get("token", "")
    return form_page("confirm.html", token, first_look(token))


@blueprint.post("/confirm")
@public
@rate_limited_by("link", "password")
@takes_form(MAX_FORM_BYTES)
def send_confirm_form(form: Mapping[str, str]) -> Response:
    """What became of it."""
    token, taken_over = form.get("token", ""), []
    fields = {"token": token}
    if password := form.get("password", ""):
        fields["currentPassword"] = password
    outcome = attempt(
        lambda: taken_over.append(recovery.confirm_email(ConfirmIn.model_validate(fields), None, asked_from()))
    )
    return form_page("confirm.html", token, outcome, is_taken_over=any(taken_over))


def asked_from() -> Place:
    """Where the request comes from."""
    return place_of(request.remote_addr or "")


def form_page(template: str, token: str, outcome: FormResult, **values: Any) -> Response:
    """A page that nobody keeps and nobody lists: its address is a secret."""
    text = render_template(f"web/{template}", token=token, outcome=outcome, **values)
    response = Response(text, outcome.status, outcome.headers, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response

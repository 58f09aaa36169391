"""HTTP routes of HTML forms, to which the links of letters lead.

The token in the address is all the right that there is to a form, so nobody can trick somebody else into sending one.
Reading it changes nothing, for programs that look after mail follow links before people do.
"""

from collections.abc import Mapping

from flask import Response, request

from bucketlist.accounts import recovery
from bucketlist.accounts.schemas import ConfirmIn, ResetIn
from bucketlist.kit.http.route_policy import public
from bucketlist.kit.http.validation import takes_form
from bucketlist.limits.route_limits import rate_limited_by
from bucketlist.web.blueprint import MAX_FORM_BYTES, asked_from, blueprint
from bucketlist.web.form_results import attempt, first_look
from bucketlist.web.pages import secret_page


@blueprint.get("/reset")
@public
def read_reset_form() -> Response:
    """A form for a new password, for whoever has the link."""
    token = request.args.get("token", "")
    return secret_page("reset.html", first_look(token), token=token)


@blueprint.post("/reset")
@public
@rate_limited_by("link")
@takes_form(MAX_FORM_BYTES)
def send_reset_form(form: Mapping[str, str]) -> Response:
    """What became of it."""
    token, password = form.get("token", ""), form.get("password", "")
    fields = {"token": token, "newPassword": password}
    outcome = attempt(lambda: recovery.reset_password(ResetIn.model_validate(fields), asked_from()))
    return secret_page("reset.html", outcome, token=token)


@blueprint.get("/confirm")
@public
def read_confirm_form() -> Response:
    """A button for whoever has the link."""
    token = request.args.get("token", "")
    return secret_page("confirm.html", first_look(token), token=token)


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
    return secret_page("confirm.html", outcome, token=token, is_taken_over=any(taken_over))

"""The pages: the homepage, the reference, the problems, the forms that letters lead to; and the files they are made of.

The token in the address is all the right that there is to a form, so nobody can trick somebody else into sending one.
Reading it changes nothing, for programs that look after mail follow links before people do.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app, render_template, request, url_for
from markupsafe import Markup

from bucketlist import __version__, config
from bucketlist.accounts import recovery, registration
from bucketlist.accounts.schemas import ConfirmIn, RegisterIn, ResetIn
from bucketlist.docs.assets import asset_response, read_asset, static_files, static_fingerprint
from bucketlist.docs.examples import get_problem, list_problems
from bucketlist.docs.outcomes import Outcome, attempt, first_look, first_look_at_door
from bucketlist.docs.overview import read_overview
from bucketlist.kit.errors import NO_ROUTE, NotFound
from bucketlist.kit.http.conditional import revalidated
from bucketlist.kit.http.middleware import CONTENT_POLICY
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.http.requests import JSON, ApiRequest
from bucketlist.kit.http.responses import PROBLEM, problem_response
from bucketlist.limits.networks import Place, place_of

# Swagger UI draws its arrows with data addresses; nothing else is let in.
REFERENCE_POLICY = CONTENT_POLICY.replace("img-src 'self' blob:", "img-src 'self' blob: data:")

HTML = "text/html"
MAX_FORM_BYTES = 8 * 1024

blueprint = Blueprint("docs", __name__, template_folder="templates")


@blueprint.get("/")
def read_homepage() -> Response:
    """What this is, and how to start."""
    groups = read_overview(cast("ApiApp", current_app).document_json)
    return page("home.html", api=current_app.config["PUBLIC_URL"], groups=groups, problems=list_problems())


@blueprint.get("/reference")
def read_reference() -> Response:
    """The interactive reference."""
    return page("reference.html", policy=REFERENCE_POLICY, reference_asset=reference_asset)


@blueprint.get("/reference/assets/<name>")
def read_reference_asset(name: str) -> Response:
    """A file of Swagger UI, out of its wheel."""
    path = reference_files().get(name)
    is_current = path is not None and request.args.get("v") == read_asset(path).fingerprint
    return asset_response(path, is_current=is_current)


@blueprint.get("/problems")
def read_problems() -> Response:
    """All the ways in which the service says no."""
    return page("problems.html", problems=list_problems())


@blueprint.get("/problems/<code>")
def read_problem(code: str) -> Response:
    """What happened, and what to do about it."""
    return page("problem.html", problem=get_problem(code))


@blueprint.get("/static/<fingerprint>/<path:name>")
def read_static(fingerprint: str, name: str) -> Response:
    """A file of our own. Under an old fingerprint there is the new file, which is then not kept."""
    return asset_response(static_files().get(name), is_current=fingerprint == static_fingerprint())


@blueprint.get("/favicon.<any(svg, ico):kind>")
def read_favicon(kind: str) -> Response:
    """The mark, as a drawing or in three sizes."""
    return asset_response(static_files()[f"favicon.{kind}"], is_current=False)


@blueprint.get("/reset")
def read_reset_form() -> Response:
    """A form for a new password, for whoever has the link."""
    token = request.args.get("token", "")
    return form_page("reset.html", token, first_look(token))


@blueprint.post("/reset")
def send_reset_form() -> Response:
    """What became of it."""
    form = read_form()
    token, password = form.get("token", ""), form.get("password", "")
    fields = {"token": token, "newPassword": password}
    outcome = attempt(lambda: recovery.reset_password(ResetIn.model_validate(fields), asked_from()))
    return form_page("reset.html", token, outcome)


@blueprint.get("/sign-up")
def read_sign_up_form() -> Response:
    """A form for a new account, for whoever has an invitation; else that it takes one."""
    token = request.args.get("token", "")
    outcome = first_look_at_door(token, config.current().registration)
    return form_page("sign-up.html", token, outcome, email="", name="")


@blueprint.post("/sign-up")
def send_sign_up_form() -> Response:
    """What became of it. Also where anybody may sign up it takes an invitation: others’ pages can send forms too."""
    form = read_form()
    token, email, name = (form.get(field, "") for field in ("token", "email", "name"))
    fields = {"invitation": token, "email": email, "name": name, "password": form.get("password", "")}
    outcome = attempt(lambda: registration.accept_invitation(RegisterIn.model_validate(fields), asked_from()))
    return form_page("sign-up.html", token, outcome, email=email, name=name)


@blueprint.get("/confirm")
def read_confirm_form() -> Response:
    """A button for whoever has the link."""
    token = request.args.get("token", "")
    return form_page("confirm.html", token, first_look(token))


@blueprint.post("/confirm")
def send_confirm_form() -> Response:
    """What became of it."""
    form, taken_over = read_form(), []
    token = form.get("token", "")
    fields = {"token": token}
    if password := form.get("password", ""):
        fields["currentPassword"] = password
    outcome = attempt(
        lambda: taken_over.append(recovery.confirm_email(ConfirmIn.model_validate(fields), None, asked_from()))
    )
    return form_page("confirm.html", token, outcome, is_taken_over=any(taken_over))


def read_form() -> Mapping[str, str]:
    return cast("ApiRequest", request).read_form(MAX_FORM_BYTES)


def asked_from() -> Place:
    """Where the request comes from."""
    return place_of(request.remote_addr or "")


@blueprint.app_errorhandler(404)
@blueprint.app_errorhandler(NotFound)
def read_nothing(error: Exception) -> Response:
    """For a browser at a wrong address a page; for programs, and below `/v1` for everybody, the usual problem."""
    kinds = request.accept_mimetypes
    if request.path.startswith("/v1/") or kinds.best_match([PROBLEM, JSON, HTML]) != HTML:
        response = problem_response(error if isinstance(error, NotFound) else NotFound(NO_ROUTE))
    else:
        response = Response(render_template("docs/missing.html"), 404, content_type=f"{HTML}; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def form_page(template: str, token: str, outcome: Outcome, **values: Any) -> Response:
    """A page that nobody keeps and nobody lists: its address is a secret."""
    text = render_template(f"docs/{template}", token=token, outcome=outcome, **values)
    response = Response(text, outcome.status, outcome.headers, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def page(template: str, *, policy: str | None = None, **values: Any) -> Response:
    """A page that browsers keep and ask about: 304 when it has not changed."""
    response = Response(render_template(f"docs/{template}", **values), content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    if policy:
        response.headers["Content-Security-Policy"] = policy
    response.add_etag()
    return revalidated(response)


@cache
def reference_files() -> dict[str, Path]:
    """What the reference needs of Swagger UI; the rest of the wheel is not served."""
    folder = Path(str(files("flask_openapi_swagger"))) / "templates" / "swagger"
    return {
        "swagger-ui.css": folder / "css" / "swagger-ui.css",
        "swagger-ui-bundle.js": folder / "js" / "swagger-ui-bundle.js",
    }


def reference_asset(name: str) -> str:
    """The address under which a file of Swagger UI is kept for ever."""
    return url_for("docs.read_reference_asset", name=name, v=read_asset(reference_files()[name]).fingerprint)


def static(name: str) -> str:
    """The address under which a file of our own is kept for ever."""
    return url_for("docs.read_static", fingerprint=static_fingerprint(), name=name)


def code_words(text: str) -> Markup:
    """The text with what stands between backticks as code."""
    parts = enumerate(text.split("`"))
    return Markup().join(Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in parts)


def here(endpoint: str) -> Markup:
    """Marks the link of the page that is being read."""
    return Markup(' aria-current="page"') if request.endpoint == endpoint else Markup()


@blueprint.app_context_processor
def add_helpers() -> dict[str, Any]:
    """For the templates."""
    return {"static": static, "code_words": code_words, "here": here, "version": __version__}

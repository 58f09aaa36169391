"""HTTP routes of the API documentation: conventions, reference, problems; and the static files they need."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from bucketlist import __version__
from bucketlist.docs.assets import asset_response, read_asset, static_files, static_fingerprint
from bucketlist.docs.error_pages import page_or_problem
from bucketlist.docs.examples import get_problem, list_problems
from bucketlist.docs.pages import page
from bucketlist.kit.http.error_handlers import answer_errors
from bucketlist.kit.http.middleware import CONTENT_POLICY
from bucketlist.kit.http.route_policy import public

# Swagger UI draws its arrows with data addresses; nothing else is let in.
REFERENCE_POLICY = CONTENT_POLICY.replace("img-src 'self' blob:", "img-src 'self' blob: data:")

blueprint = Blueprint("docs", __name__, template_folder="templates")
answer_errors(blueprint, page_or_problem)


@blueprint.get("/conventions")
@public
def read_conventions() -> Response:
    """What holds for every route."""
    return page("conventions.html")


@blueprint.get("/reference")
@public
def read_reference() -> Response:
    """The interactive reference."""
    return page("reference.html", policy=REFERENCE_POLICY, reference_asset=reference_asset)


@blueprint.get("/reference/assets/<name>")
@public
def read_reference_asset(name: str) -> Response:
    """A file of Swagger UI, out of its wheel."""
    path = reference_files().get(name)
    is_current = path is not None and request.args.get("v") == read_asset(path).fingerprint
    return asset_response(path, is_current=is_current)


@blueprint.get("/problems")
@public
def read_problems() -> Response:
    """All the ways in which the service says no."""
    return page("problems.html", problems=list_problems())


@blueprint.get("/problems/<code>")
@public
def read_problem(code: str) -> Response:
    """What happened, and what to do about it."""
    return page("problem.html", problem=get_problem(code))


@blueprint.get("/static/<fingerprint>/<path:name>")
@public
def read_static(fingerprint: str, name: str) -> Response:
    """A file of our own. Under an old fingerprint there is the new file, which is then not kept."""
    return asset_response(static_files().get(name), is_current=fingerprint == static_fingerprint())


@blueprint.get("/favicon.<any(svg, ico):kind>")
@public
def read_favicon(kind: str) -> Response:
    """The mark, as a drawing or in three sizes."""
    return asset_response(static_files()[f"favicon.{kind}"], is_current=False)


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

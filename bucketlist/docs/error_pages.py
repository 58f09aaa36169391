"""Error pages (404): a browser at a wrong address is shown one; programs, and all below `/v1`, the usual problem."""

from flask import Response, render_template, request

from bucketlist.kit.errors import Refusal
from bucketlist.kit.http.error_handlers import PROBLEM, problem_response
from bucketlist.kit.http.openapi import API_PREFIX
from bucketlist.kit.http.requests import JSON

HTML = "text/html"


def page_or_problem(refusal: Refusal) -> Response:
    """What renders the errors of pages, and of addresses that belong to no blueprint."""
    if refusal.status != 404 or not wants_page():
        return problem_response(refusal)
    response = Response(render_template("docs/missing.html"), 404, content_type=f"{HTML}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response


def wants_page() -> bool:
    """Does a browser ask, and for something that is not below the API?"""
    if request.path.startswith(f"{API_PREFIX}/"):
        return False
    return request.accept_mimetypes.best_match([PROBLEM, JSON, HTML]) == HTML

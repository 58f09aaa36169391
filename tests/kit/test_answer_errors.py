"""Error handling: every way to say no has one shape, whoever says it."""

import json

import pytest
from flask import Blueprint, Flask, Response, abort
from flask.testing import FlaskClient

from bucketlist.auth.errors import InsufficientScope
from bucketlist.kit.errors import Forbidden, Invalid, NotFound, Refusal, Unavailable, all_refusals
from bucketlist.kit.http.error_handlers import answer_errors
from bucketlist.kit.http.middleware import RequestMiddleware
from bucketlist.kit.logs import configure_logs
from bucketlist.limits.errors import RequestInProgress

ABORTED = {400: 400, 403: 400, 404: 404, 406: 406, 409: 400, 413: 413, 415: 415, 418: 400, 500: 500, 502: 500, 503: 500}


@pytest.fixture
def failing() -> FlaskClient:
    """An application that fails in every way."""
    configure_logs()
    app = Flask("failing", static_folder=None)
    answer_errors(app)

    @app.get("/refusals/<int:number>")
    def refuse(number: int) -> Response:
        raise list(all_refusals())[number]

    @app.get("/abort/<int:status>")
    def give_up(status: int) -> Response:
        abort(status)

    @app.get("/answered")
    def answer() -> Response:
        abort(Response("as it is", 299))

    @app.get("/mistake")
    def fail() -> Response:
        secret = "hunter2"
        raise RuntimeError(f"first line\nsecond line with {secret}")

    app.wsgi_app = RequestMiddleware(app.wsgi_app, access_log=False)  # type: ignore[method-assign]  # as Flask has it
    return app.test_client()


@pytest.mark.parametrize("number", range(len(list(all_refusals()))))
def test_every_refusal_is_a_problem(failing: FlaskClient, number: int) -> None:
    refusal = list(all_refusals())[number]

    response = failing.get(f"/refusals/{number}")

    problem = response.get_json() or {}
    assert response.status_code == problem["status"] == refusal.status
    assert response.content_type == "application/problem+json"
    assert problem["type"] == f"/problems/{refusal.code}"
    assert (problem["code"], problem["title"], problem["detail"]) == (
        refusal.code,
        refusal.title,
        refusal().detail,
    )
    assert problem["requestId"] == response.headers["X-Request-Id"]
    assert ("errors" in problem) == (refusal.status == 422)


def test_refusals_of_one_code_say_the_same() -> None:
    said = {(refusal.code, refusal.status, refusal.title, refusal.default_detail) for refusal in all_refusals()}

    assert len({code for code, *_ in said}) == len(said)
    assert {NotFound, InsufficientScope, Invalid} < set(all_refusals())
    assert InsufficientScope in set(all_refusals(Forbidden))


@pytest.mark.parametrize(("status", "answered"), ABORTED.items())
def test_what_the_framework_refuses_is_a_problem(failing: FlaskClient, status: int, answered: int) -> None:
    response = failing.get(f"/abort/{status}")

    assert response.status_code == (response.get_json() or {})["status"] == answered
    assert response.content_type == "application/problem+json"
    assert int(response.headers["Content-Length"]) == len(response.data)


def test_an_unknown_method_says_which_are_known(failing: FlaskClient) -> None:
    response = failing.post("/mistake")

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_an_answer_that_is_given_is_given_as_it_is(failing: FlaskClient) -> None:
    response = failing.get("/answered")

    assert (response.status_code, response.text) == (299, "as it is")


def test_a_mistake_of_ours_is_noted_and_not_told(failing: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    response = failing.get("/mistake", headers={"X-Request-Id": "abc"})

    assert response.status_code == 500
    assert (response.get_json() or {})["code"] == "internal_error"
    assert "line" not in response.text
    noted = json.loads(capfd.readouterr().err)
    assert (noted["event"], noted["level"], noted["id"]) == ("unexpected_error", "error", "abc")
    assert noted["error"] == "RuntimeError: first line"
    assert noted["trace"][-1].endswith(" fail")
    assert "hunter2" not in str(noted)


@pytest.fixture
def plain() -> FlaskClient:
    """An application whose errors are problems, with a blueprint whose errors are plain words."""
    app, words = Flask("plain", static_folder=None), Blueprint("words", "words")
    answer_errors(app)
    answer_errors(words, lambda refusal: Response(refusal.code, refusal.status))

    def fail(how: str) -> Response:
        if how.isdigit():
            abort(int(how))
        raise {"refusal": Forbidden, "mistake": RuntimeError}[how]

    app.add_url_rule("/problems/<how>", "problems", fail)
    words.add_url_rule("/words/<how>", "words", fail)
    app.register_blueprint(words)
    app.wsgi_app = RequestMiddleware(app.wsgi_app, access_log=False)  # type: ignore[method-assign]  # as Flask has it
    return app.test_client()


@pytest.mark.parametrize("how", ["refusal", "404", "413", "502", "mistake"])
def test_a_blueprint_renders_what_goes_wrong_in_its_own_way(plain: FlaskClient, how: str) -> None:
    problem, words = plain.get(f"/problems/{how}"), plain.get(f"/words/{how}")

    assert (problem.content_type, words.mimetype) == ("application/problem+json", "text/html")
    assert (words.status_code, words.text) == (problem.status_code, (problem.get_json() or {})["code"])


def test_a_refusal_says_what_it_was_told_to() -> None:
    assert str(Refusal.__subclasses__()[0]("As I say.")) == "As I say."
    assert Unavailable(retry_after_seconds=7).headers == {"Retry-After": "7"}
    assert RequestInProgress().headers == {"Retry-After": "1"}

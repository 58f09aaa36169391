"""R1: algorithmic complexity attacks: no text of any request makes work that grows with its square.

What is counted is work, not time: calls, how many marks are put in order, and how long the texts are that regular
expressions meet. `python -m bench.texts` measures the time.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from bucketlist.auth import passwords
from bucketlist.auth.schemas import MAX_SECRET_LENGTH
from bucketlist.items import fields
from bucketlist.kit import emails, etags, ids, text
from bucketlist.kit.http import json_text, middleware
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.http.route_policy import policy_of
from bucketlist.sessions import schemas
from tests.conftest import on_sqlite
from tests.kit.test_bound_texts import Counted, rows_of_marks
from tests.people import Person
from tests.routes import make_place, template_of
from tests.worst_texts import Asked, every_form_and_header, every_request

CALLS, CALLS_A_BYTE = 10_000, 10  # that a request may take: whatever is sent, and for each byte of it
LONG = 2_000  # characters that even a quadratic pattern is done with in no time
LOOKED_AT: tuple[Any, ...] = (
    *(text._control_in_line, text._control_in_long_text, text._visible, middleware.is_sane_id, etags._read_tag),
    *(json_text.without_texts, ids._is_uuid7, schemas.is_instant, rows_of_marks),
    fields._is_address,
)
LINEAR = {  # each goes once over its text, whatever that is
    *(str(method.__self__.pattern) for method in LOOKED_AT),
    str(text._long_runs.pattern),
    "([\x00-\x7f]+)",  # of urllib.parse
    r"(?P<__werkzeug_0>(?!order\Z)[^/]+)\Z",
    r"(?P<__werkzeug_0>.+?)\Z",
}


class Bounded(Counted):
    """`unicodedata`, which refuses to put more marks in order than the longest secret can hold."""

    def normalize(self, form: str, text: str) -> str:
        if self.row_of(text) > 2 * MAX_SECRET_LENGTH:  # a mark can stand for two
            raise RuntimeError  # of an AssertionError pydantic would make a 422
        return super().normalize(form, text)


class Work:
    """What a request makes the interpreter do."""

    def __init__(self) -> None:
        self.calls = 0
        self.met: dict[Any, int] = {}  # by pattern, the longest text that was near

    def note(self, frame: FrameType, event: str, called: Any) -> None:
        self.calls += event in ("call", "c_call")
        pattern = getattr(called, "__self__", None) if event == "c_call" else None
        if isinstance(pattern, re.Pattern):
            lengths = [len(value) for value in frame.f_locals.values() if isinstance(value, str | bytes)]
            self.met[pattern.pattern] = max(lengths, default=0)


def work_of(app: ApiApp, asked: Asked, token: str) -> Work:
    """Raises: `AssertionError` when the answer is a 5xx."""
    work, statuses = Work(), list[str]()
    start: Any = lambda status, *_: statuses.append(status)  # noqa: E731
    environ = asked.environ(token)
    sys.setprofile(work.note)
    try:
        answer = app.wsgi_app(environ, start)
    finally:
        sys.setprofile(None)
    b"".join(answer)
    assert statuses[0] < "5", statuses[0]
    return work


def faults_of(app: ApiApp, requests: Iterator[tuple[str, Callable[[float], Asked]]], token: str) -> list[str]:
    faults = []
    for label, make in requests:
        asked = make(1)
        work = work_of(app, asked, token)
        odd = {str(pattern) for pattern, length in work.met.items() if length > LONG} - LINEAR
        if work.calls > CALLS + CALLS_A_BYTE * asked.size or odd:
            faults.append(f"{label}: {work.calls} calls for {asked.size} bytes; {odd or ''}")
    return faults


@pytest.fixture(autouse=True)
def bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (text, emails, passwords):
        monkeypatch.setattr(module, "unicodedata", Bounded())


@pytest.fixture
def places(ada: Person) -> dict[str, str]:
    place = make_place(ada)
    named = {"bucket": place.bucket_id, "item": place.item_id, "session": place.session_id, "token": place.token_id}
    named |= {"entry": place.entry_id, "photo": place.photo_id}
    return {f"{name}Id": value for name, value in named.items()} | {"name": place.tag}


@on_sqlite
@pytest.mark.slow
@pytest.mark.threat(row=54)
def test_r1_a_text_of_any_route_makes_work_that_is_linear_in_its_length(
    app: ApiApp, ada: Person, places: dict[str, str]
) -> None:
    document = json.loads(app.document_json)
    limits = {
        (method, template_of(rule.rule)): policy_of(app.view_functions[rule.endpoint]).most_bytes or 0
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }

    assert faults_of(app, every_request(document, places, limits), ada.access_token) == []


@on_sqlite
@pytest.mark.slow
@pytest.mark.threat(row=54)
def test_r1_a_form_or_header_makes_work_that_is_linear_in_its_length(
    app: ApiApp, ada: Person, places: dict[str, str]
) -> None:
    for _, make in every_form_and_header(places):  # templates are compiled when they are first used
        work_of(app, make(0.01), ada.access_token)

    assert faults_of(app, every_form_and_header(places), ada.access_token) == []

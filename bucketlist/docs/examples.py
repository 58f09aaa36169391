"""Example responses of errors: the same fields in the same order as a real one."""

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES

from bucketlist.docs.advice import Advice
from bucketlist.docs.problems import ADVICE
from bucketlist.kit.errors import NotFound, Refusal, all_refusals
from bucketlist.kit.http.links import path_to

REQUEST_ID = "019ab1f4-6c3e-7d52-9f0a-3b8e5d7c2a41"

_ORDER = {code: place for place, code in enumerate(ADVICE)}


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """All that one problem's page says."""

    status: int
    code: str
    title: str
    advice: Advice
    example: str


def list_problems() -> list[ProblemPage]:
    """All of them, by their status."""
    return [_page(refusal) for refusal in sorted(_by_code().values(), key=_place)]


def _place(refusal: type[Refusal]) -> tuple[int, int]:
    """By its status, and of one status in the order of `ADVICE`."""
    return refusal.status, _ORDER[refusal.code]


def get_problem(code: str) -> ProblemPage:
    """Raises: `NotFound` for a code that no error has."""
    refusal = _by_code().get(code)
    if refusal is None:
        raise NotFound
    return _page(refusal)


def _by_code() -> dict[str, type[Refusal]]:
    """One refusal a code: some rooms have a kind of their own that is answered as its parent is, which comes first."""
    refusals: dict[str, type[Refusal]] = {}
    for refusal in all_refusals():
        refusals.setdefault(refusal.code, refusal)
    return refusals


def _page(refusal: type[Refusal]) -> ProblemPage:
    advice = ADVICE[refusal.code]
    return ProblemPage(refusal.status, refusal.code, refusal.title, advice, _example(refusal, advice))


def _example(refusal: type[Refusal], advice: Advice) -> str:
    """The answer as `curl -i` shows it, less the headers that every answer has."""
    raised = refusal(advice.detail)
    headers = {"Content-Type": "application/problem+json", **raised.headers, **advice.headers}
    lines = [f"HTTP/1.1 {raised.status} {HTTP_STATUS_CODES[raised.status]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\n".join([*lines, "", json.dumps(example_body(raised, advice), ensure_ascii=False, indent=2)])


def example_body(raised: Refusal, advice: Advice) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": path_to(f"/problems/{raised.code}"),
        "title": raised.title,
        "status": raised.status,
        "code": raised.code,
        "detail": raised.detail,
        "requestId": REQUEST_ID,
    }
    return body | {"errors": list(advice.errors)} if raised.status == 422 else body

"""Idempotency keys: a create that is sent again, because its reply was lost, answers the first success again.

The key's row, the effect and the kept answer are one transaction: either all are there or none is. A twin that
arrives while the first is at work waits for it: for a mutex when both are in this process, so that it holds no
connection meanwhile, else for the key's row; a wait for any other lock tells nothing of a twin, and is 503. Failures
are not remembered.

Source: draft-ietf-httpapi-idempotency-key-header; RFC 9110 section 5.3 (several lines of one header).
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Literal, ParamSpec

from flask import Response, request
from pydantic import BaseModel
from pydantic_core import to_json
from werkzeug.datastructures import Headers

from bucketlist.auth.guard import actor
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.errors import ConstraintViolation
from bucketlist.kit.db.pruning import Prune
from bucketlist.kit.errors import Invalid, TooManyRequests, Unauthorized
from bucketlist.kit.http.links import path_to, place_at
from bucketlist.limits import idempotency_queries
from bucketlist.limits.errors import IdempotencyKeyReused, LimitReached
from bucketlist.limits.idempotency_queries import KeptAnswer
from bucketlist.limits.quotas import Quota
from bucketlist.services import services

HEADER = "Idempotency-Key"
KEPT_HOURS = 24
KEPT_ANSWERS = Quota(120_000)  # as many as it takes to fill an account in a day, and no row has the texts again
SENT = "\0"  # no text that is taken has one
FULL = "So many keys are remembered of this account that no more fit; each is forgotten after 24 hours."
FULL_SECONDS = 3600
KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Cache-Control")

# Visible characters; several lines of one header come joined by commas, so that one has to stand in a quoted string.
_is_key = re.compile(r'(?=.{1,255}\Z)([!-+\--~]+|"([!#-\[\]-~]|\\[!-~])*")\Z').match

P = ParamSpec("P")


def idempotent(view: Callable[P, Response]) -> Callable[P, Response]:
    """Lets a view that creates be repeated with the same `Idempotency-Key`.

    Raises: `Invalid` for a malformed key, `IdempotencyKeyReused`, `RequestInProgress`, `TooManyRequests`.
    """

    @wraps(view)
    def answer(*args: P.args, **parts: P.kwargs) -> Response:
        key = request.environ.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            return view(*args, **parts)
        if not _is_key(key):
            refused = "One key, of 1 to 255 visible ASCII characters; a comma has to stand in a quoted string."
            raise Invalid(errors=[{"parameter": HEADER, "code": "idempotency_key", "detail": refused}])
        body = _fields_of(parts)
        request_hash = hash_request(request.method, request.path, body)
        with services().keyed_lock.hold((actor().user_id, key)):
            return answer_once(key, request_hash, *args, **parts)

    @in_transaction
    def answer_once(key: str, request_hash: str, *args: P.args, **parts: P.kwargs) -> Response:
        body = _fields_of(parts)
        sent = body.model_dump(mode="json", by_alias=True) if body is not None else {}
        known = _claim(key, request_hash)
        if known is not None:
            return _replay(known, request_hash, sent)
        response = view(*args, **parts)
        headers = json.dumps(_kept_headers(response.headers))
        idempotency_queries.keep_answer(
            actor(), key, response.status_code, headers, without_sent(response.get_data(), sent)
        )
        return response

    return answer


def _fields_of(parts: Mapping[str, object]) -> BaseModel | None:
    """What was sent: a body, or a form, of which a file is its hash."""
    fields = parts.get("body", parts.get("form"))
    return fields if isinstance(fields, BaseModel) else None


def hash_request(method: str, path: str, body: BaseModel | None) -> str:
    """Fingerprint of a request, alike for what means the same: the fields as they were understood, in one order.

    What is as if it were absent does not count, so that a field that a later version adds changes no fingerprint.
    """
    fields = body.model_dump_json(by_alias=True, exclude_defaults=True) if body is not None else ""
    return hashlib.sha256("\n".join((method, path.rstrip("/"), fields)).encode()).hexdigest()


def prune_batches() -> list[tuple[Prune, Values]]:
    """What removes kept answers that have expired."""
    return idempotency_queries.prune_batches(clock.text_from_now(hours=-KEPT_HOURS))


def without_sent(answer: bytes, sent: Mapping[str, Any]) -> str:
    """`answer` with `SENT` for each text and list that the request had under the same name: a retry brings it again.

    So a kept answer takes a few hundred bytes, however long the texts are; but for tags that are spelt otherwise.
    """
    return to_json({k: _less(v, sent.get(k)) for k, v in json.loads(answer).items()}).decode()


def with_sent(kept: str, sent: Mapping[str, Any]) -> bytes:
    """What `without_sent` was given."""
    return to_json({k: _more(v, sent.get(k)) for k, v in json.loads(kept).items()})


def _less(value: Any, sent: Any) -> Any:
    if isinstance(value, str | list) and value == sent:
        return SENT
    return [_less(*pair) for pair in zip(value, sent, strict=True)] if _are_alike(value, sent) else value


def _more(value: Any, sent: Any) -> Any:
    if value == SENT:
        return sent
    return [_more(*pair) for pair in zip(value, sent, strict=True)] if _are_alike(value, sent) else value


def _are_alike(value: Any, sent: Any) -> bool:
    """Lists of one length."""
    return isinstance(value, list) and isinstance(sent, list) and len(value) == len(sent)


class _Known(Exception):
    """This key was used before: the answer that is kept."""

    def __init__(self, kept: KeptAnswer) -> None:
        self.kept = kept


def _claim(key: str, request_hash: str) -> KeptAnswer | None:
    """None for the first request with `key`, else the answer to that. Raises: `TooManyRequests` for want of room."""
    asking, forgotten_before = actor(), clock.text_from_now(hours=-KEPT_HOURS)

    def claim(held_at_most: int | None) -> Literal[True] | None:
        return idempotency_queries.claim_key(asking, key, request_hash, forgotten_before, held_at_most)

    def refuse() -> None:
        if kept := idempotency_queries.find_kept_answer(asking, key):
            raise _Known(kept)

    try:
        KEPT_ANSWERS.add(asking, claim, refuse)
    except _Known as known:
        return known.kept
    except LimitReached:
        raise TooManyRequests(FULL, headers={"Retry-After": str(FULL_SECONDS)}) from None
    except ConstraintViolation:  # the account was deleted at the same moment
        raise Unauthorized(token_was_sent=True) from None
    return None


def _kept_headers(headers: Headers) -> dict[str, str]:
    """Those that an answer given again has; `Location` without the path of `PUBLIC_URL`, which may be another then."""
    kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
    return kept | {"Location": place_at(kept["Location"])} if "Location" in kept else kept


def _replay(kept: KeptAnswer, request_hash: str, sent: Mapping[str, Any]) -> Response:
    if kept.request_hash != request_hash:
        raise IdempotencyKeyReused
    response = Response(with_sent(kept.body, sent), kept.status, json.loads(kept.headers))
    if "Location" in response.headers:
        response.headers["Location"] = path_to(response.headers["Location"])
    response.headers["Idempotency-Replayed"] = "true"
    return response

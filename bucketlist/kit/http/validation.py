"""Request validation, between a route and its view: path, query and body become the schemas that the view names.

The OpenAPI library reads the same annotations for the document. What it would do in each request is done here, because
that is cheaper (it builds all headers and walks the schemas again) and because the order of refusals is ours: the
body's media type and syntax (415, 400) come before any field (422), and all fields that are wrong are told at once.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints

from flask import Response
from flask.globals import request_ctx
from pydantic import BaseModel, ValidationError

from bucketlist.kit.errors import FieldError, Invalid
from bucketlist.kit.http.json_text import MAX_MEMBERS
from bucketlist.kit.http.multipart import FORM
from bucketlist.kit.http.requests import JSON, ApiRequest
from bucketlist.kit.http.route_policy import RoutePolicy, declare, policy_of
from bucketlist.kit.schemas import LEAST_BODY_BYTES, Measure, Query, most_body_bytes
from bucketlist.kit.uploads import UploadedFile

MAX_ERRORS = 100  # that are told of a request: the answer is not many times longer than what was sent
MAX_PLACE_LENGTH = 100  # of a part of a pointer: an unknown key is told as it was sent

View = Callable[..., Response]


class NoQuery(Query):
    """For the routes that take no query parameters."""


class RequestValidator:
    """A request validator: what a view wants by its annotations `path`, `query`, `body`; `form`, with
    files in it; or `content`, a body's bytes.

    Raises: `ValueError` when its policy does not fit them.
    """

    def __init__(self, view: View) -> None:
        hints, policy = get_type_hints(view), policy_of(view)
        self._path: type[BaseModel] | None = hints.get("path")
        self._query: type[Query] = hints.get("query", NoQuery)
        self._body: type[BaseModel] | None = hints.get("body")
        self._form: type[BaseModel] | None = hints.get("form")
        self._files = _files_of(self._form) if self._form else frozenset()
        self._defaults: dict[str, Any] = {"query": self._query()} if "query" in hints else {}
        self._is_content_read = "content" in hints
        self._is_query_read = not policy.ignores_input
        self.media_types = policy.media_types or _media_types(self._body, self._form)
        self.most_bytes = policy.most_bytes or (most_body_bytes(self._body) if self._body else LEAST_BODY_BYTES)
        self._most_members = max(MAX_MEMBERS, Measure(self._body).members if self._body else 0)
        self._refuse_contradictions(policy)

    def read(self, request: ApiRequest, parts: dict[str, str]) -> dict[str, Any]:
        """The arguments of the view; `parts` are those of the path.

        Raises: `UnsupportedMediaType`, `ContentTooLarge`, `BadRequest`, `Invalid`, in this order.
        """
        text, arguments = "", dict(self._defaults)
        if self._body is not None:
            text = request.read_json_text(self.most_bytes, self._most_members, self.media_types)
        elif self._is_content_read:
            arguments["content"] = request.read_content(self.most_bytes, self.media_types)
        parts_of_form = request.read_multipart(self.most_bytes, self._files) if self._form else {}
        errors: list[FieldError] = []
        if self._path is not None:
            arguments["path"] = self._path.model_validate(parts)
        if request.query_string and self._is_query_read:
            errors += self._read_query(request, arguments)
        if self._body is not None:
            errors += self._read_body(self._body, text, arguments)
        if self._form is not None:
            errors += self._read_form(self._form, parts_of_form, arguments)
        if errors:
            raise Invalid(errors=errors)
        return arguments

    def _refuse_contradictions(self, policy: RoutePolicy) -> None:
        if self._body and JSON not in self.media_types:
            raise ValueError("A schema is read from JSON; what is of another media type is taken as `content`.")
        if self._form and not policy.most_bytes:
            raise ValueError("A view that takes a `form` with files declares how much by `body_limit`.")
        if self._is_content_read and not (policy.media_types and policy.most_bytes):
            raise ValueError("A view that takes `content` declares which by `accepts`, and how much by `body_limit`.")

    def _read_query(self, request: ApiRequest, arguments: dict[str, Any]) -> list[FieldError]:
        try:
            query = self._query.read(dict(request.args.lists()))
        except ValidationError as error:
            return [_wrong(one, parameter=_cut(one["loc"][0])) for one in _all_wrong(error)]
        if self._defaults:
            arguments["query"] = query
        return []

    def _read_body(self, body: type[BaseModel], text: str, arguments: dict[str, Any]) -> list[FieldError]:
        try:
            arguments["body"] = body.model_validate_json(text)
        except ValidationError as error:
            return [_wrong(one, pointer=_pointer(one["loc"])) for one in _all_wrong(error)]
        return []

    def _read_form(self, form: type[BaseModel], parts: dict[str, Any], arguments: dict[str, Any]) -> list[FieldError]:
        try:
            arguments["form"] = form.model_validate(parts)
        except ValidationError as error:
            return [_wrong(one, pointer=_pointer(one["loc"])) for one in _all_wrong(error)]
        return []


def _media_types(body: type[BaseModel] | None, form: type[BaseModel] | None) -> tuple[str, ...]:
    return (JSON,) if body else (FORM,) if form else ()


def _files_of(form: type[BaseModel]) -> frozenset[str]:
    """The names of the parts of a form that are files."""
    return frozenset(
        field.alias or name for name, field in form.model_fields.items() if field.annotation is UploadedFile
    )


def validated(view: View) -> View:
    """`view`, called with what its annotations say, and with what follows from them in its policy."""
    reader = RequestValidator(view)

    @wraps(view)
    def answer(**parts: str) -> Response:
        request: ApiRequest = request_ctx.request  # type: ignore[assignment]  # the application makes no other
        return view(**reader.read(request, parts))

    if policy_of(view).ignores_input:
        return answer
    return declare(answer, media_types=reader.media_types, most_bytes=reader.most_bytes)


def takes_form(most_bytes: int) -> Callable[[Callable[..., Response]], View]:
    """Has a view called with the fields of the `form` that a browser sent, of so many bytes at most.

    The view raises: `ContentTooLarge`, as the framework's own exception.
    """

    def decorate(view: Callable[..., Response]) -> View:
        @wraps(view)
        def answer(**parts: str) -> Response:
            request: ApiRequest = request_ctx.request  # type: ignore[assignment]  # the application makes no other
            return view(form=request.read_form(most_bytes), **parts)

        return declare(answer, most_bytes=most_bytes)

    return decorate


def _all_wrong(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_context=False, include_input=False))[:MAX_ERRORS]


def _wrong(one: Any, **place: str) -> FieldError:
    return {**place, "code": one["type"], "detail": one["msg"]}  # type: ignore[typeddict-item]  # one of the two


def _pointer(location: tuple[str | int, ...]) -> str:
    """Source: RFC 6901 section 3."""
    return "".join("/" + _cut(part).replace("~", "~0").replace("/", "~1") for part in location)


def _cut(part: str | int) -> str:
    return str(part)[:MAX_PLACE_LENGTH]

"""Request body parsing: one reader of bodies, strict, with limits on all that a client may send."""

import functools
from codecs import BOM_UTF8
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.utils import cached_property

from bucketlist.kit.errors import BadRequest, ContentTooLarge, Invalid, UnsupportedMediaType, UriTooLong
from bucketlist.kit.http.json_text import check_json, why_not_json
from bucketlist.kit.http.middleware import request_record
from bucketlist.kit.http.multipart import FORM, FormLimits, FormReader, SentForm

JSON = "application/json"

MERGE_PATCH = "application/merge-patch+json"

MAX_QUERY_BYTES = 16 * 1024

MAX_PARAMETERS = 100

MAX_PARSED_HEADER = 1024  # characters

PARSED_HEADERS = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "CONTENT_TYPE", "HTTP_RANGE")


class ApiRequest(Request):
    """A Flask request whose body is read in one way, strictly, and to its end or not at all."""

    def __init__(self, environ: dict[str, Any], *rest: Any, **more: Any) -> None:
        """A header that Werkzeug takes apart, some in quadratic time, counts as not sent when it is beyond a KiB."""
        for name in PARSED_HEADERS:
            if len(environ.get(name, "")) > MAX_PARSED_HEADER:
                environ[name] = ""
        super().__init__(environ, *rest, **more)
        self._opened: ExitStack | None = None  # what is closed with the request

    @functools.cached_property
    def blueprints(self) -> list[str]:
        """As Flask's, which works them out three times for each request."""
        return super().blueprints

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query parameters; their string is measured before it is parsed. Raises: `UriTooLong`, `Invalid`."""
        refuse_long_query(self.query_string)
        return super().args

    def close(self) -> None:
        """Werkzeug looks for files that came in a form, in each request."""
        if self._opened is not None:
            self._opened.close()
        if "files" in self.__dict__:
            super().close()

    def read_json_text(self, most_bytes: int, most_members: int, media_types: Sequence[str] = (JSON,)) -> str:
        """The body as text, known to be JSON of so many members at most; a byte order mark in front is passed over.

        Raises: `UnsupportedMediaType`, `ContentTooLarge` for what came without a length, `BadRequest`, `Invalid`.
        """
        if self.environ.get("CONTENT_TYPE") != JSON or "HTTP_CONTENT_ENCODING" in self.environ:  # nearly nobody does
            self._refuse_media_type(media_types)
        data = self.read_bytes(most_bytes).removeprefix(BOM_UTF8)
        try:
            return check_json(data, most_members)
        except ValueError as error:
            if "HTTP_TRANSFER_ENCODING" in self.environ:  # perhaps a chunk was broken, which ends the connection
                request_record(self.environ).is_body_read = False
            raise BadRequest(why_not_json(data, str(error))) from error

    def read_content(self, most_bytes: int, media_types: Sequence[str]) -> bytes:
        """The body as it came, of one of `media_types`.

        Raises: `UnsupportedMediaType`, `ContentTooLarge` for what came without a length.
        """
        self._refuse_media_type(media_types)
        return self.read_bytes(most_bytes)

    def _refuse_media_type(self, taken: Sequence[str]) -> None:
        """Raises: `UnsupportedMediaType` for another than those that are taken, another charset, or what is packed."""
        is_utf8 = self.mimetype_params.get("charset", "utf-8").lower() in ("utf-8", "utf8")
        if self.mimetype not in taken or not is_utf8 or "HTTP_CONTENT_ENCODING" in self.environ:
            raise UnsupportedMediaType(None if JSON in taken else f"The body must be {' or '.join(taken)}.")

    def read_bytes(self, most_bytes: int) -> bytes:
        """The whole body. Raises: `ContentTooLarge`."""
        self.max_content_length = most_bytes + 1  # at this Werkzeug cuts off what comes in chunks, without a length
        data = self.get_data()
        if len(data) > most_bytes:
            raise ContentTooLarge
        request_record(self.environ).is_body_read = True
        return data

    def read_multipart(self, most_bytes: int, file_names: frozenset[str]) -> dict[str, Any]:
        """The parts of a form, of which those that are named so are files, kept until the request is over.

        Raises: `UnsupportedMediaType`, `ContentTooLarge`, `BadRequest`, `Invalid` for a part that comes twice.
        """
        if self.mimetype != FORM or "HTTP_CONTENT_ENCODING" in self.environ:
            raise UnsupportedMediaType(f"The body must be {FORM}.")
        self.max_content_length = most_bytes
        self._opened = ExitStack()
        parts = FormReader(self.mimetype_params.get("boundary", ""), file_names, self._opened).read(self.stream)
        request_record(self.environ).is_body_read = True
        return parts

    def read_sent(self, most_bytes: int, file_names: frozenset[str], limits: FormLimits) -> SentForm:
        """A form that a browser sent, perhaps with files, which are kept until the request is over.

        Raises: `ContentTooLarge`, also as the framework's own exception, `BadRequest`.
        """
        if self.mimetype != FORM:
            return SentForm(self.read_form(limits.text_bytes), [])
        self.max_content_length = most_bytes
        self._opened = ExitStack()
        reader = FormReader(self.mimetype_params.get("boundary", ""), file_names, self._opened, limits)
        sent = reader.read_sent(self.stream)
        self.__dict__["form"] = sent.fields  # what is typed is read once, and is there when it has to be shown again
        request_record(self.environ).is_body_read = True
        return sent

    def read_form(self, most_bytes: int) -> MultiDict[str, str]:
        """The fields of a form that a browser sent. Raises: `ContentTooLarge`, as the framework's own exception."""
        self.max_content_length = self.max_form_memory_size = most_bytes
        fields = self.form
        request_record(self.environ).is_body_read = True
        return fields


def refuse_large_body(environ: dict[str, Any], most_bytes: int) -> None:
    """Enforce the body limit, before a byte is read. Raises: `ContentTooLarge`, `BadRequest` for what is no length."""
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("Content-Length is not a number.")
    if int(length[:20]) > most_bytes:
        raise ContentTooLarge


def refuse_long_query(query: bytes) -> None:
    if len(query) > MAX_QUERY_BYTES:
        raise UriTooLong
    if query.count(b"&") >= MAX_PARAMETERS:
        detail = f"No request has more than {MAX_PARAMETERS} parameters."
        raise Invalid(errors=[{"parameter": "", "code": "too_many_parameters", "detail": detail}])

"""Algorithmic complexity attacks: the worst texts for normalising, folding and parsing, in every place of a request.

The places are found in the OpenAPI document, so that those of later routes are among them.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.people import BOUNDARY, multipart

HEAD_BYTES = 60 * 1024  # what a server takes, less its first line
QUERY_BYTES = 16 * 1024
FORM_BYTES = 8 * 1024
PIECES = {
    "marks in no order": "\u0315\u0300",
    "marks that pass for letters": "\u0f73",
    "wide marks": "\uff9e\u0316",
    "letters that become eighteen": "\ufdfa",
    "dotted letters": "\u0130\u0307",
    "blanks": "\u3000 ",
    "addresses": "\u00fc@\u3002",
    "dots": "a.",
}
BODIES = {  # a beginning, what is repeated, an end
    "lists": ('{"name":[', "[],", "[]]}"),
    "objects": ('{"name":[', "{},", "{}]}"),
    "deep lists": ('{"name":[', "[" * 150 + "]" * 150 + ",", "0]}"),
    "zeros": ("[", "0,", "0]"),
    "long numbers": ("[", "9" * 4_000 + ",", "0]"),
    "decimals": ('{"name":1.', "3", "}"),
    "huge exponents": ("[", "1e400,", "0]"),
    "escaped marks": ('{"name":"a', "\\u0315\\u0300", '"}'),
    "escaped NULs": ('{"name":"', "\\u0000", '"}'),
    "lone surrogates": ('{"name":"x","', "\\ud800", '":1}'),
    "a long key": ('{"', "k", '":1}'),
    "equal keys": ("{", '"name":"x",', '"name":"x"}'),
    "quotes": ("", '"', ""),
    "braces": ("", "{", ""),
    "a text without an end": ('{"name":"', '\\"', ""),
    "blanks": ("{", " ", "}"),
}
FORM = "multipart/form-data"
PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
FORMS = {  # the same
    "parts": ("", f'{PART}x"\r\n\r\n\r\n', f"--{BOUNDARY}--\r\n"),
    "a long name": (PART, "n", f'"\r\n\r\n\r\n--{BOUNDARY}--\r\n'),
    "headers": (f'{PART}x"\r\n', "A: b\r\n", f"\r\n\r\n--{BOUNDARY}--\r\n"),
    "parameters": (f'{PART}x"', "; a=b", f"\r\n\r\n\r\n--{BOUNDARY}--\r\n"),
    "ends of lines": (f'{PART}file"\r\n\r\n', "\r\n", f"--{BOUNDARY}--\r\n"),
    "what is nearly a boundary": (f'{PART}file"\r\n\r\n', f"\r\n--{BOUNDARY[:-1]}", f"\r\n--{BOUNDARY}--\r\n"),
    "what comes before a form": ("", "x", f"--{BOUNDARY}--\r\n"),
    "a form without an end": (f'{PART}file"\r\n\r\n', "x", ""),
}
HEADERS = (
    *("Idempotency-Key", "If-Match", "If-None-Match", "Authorization", "X-Request-Id", "Accept", "Accept-Encoding"),
    *("Content-Type", "Cookie", "X-Forwarded-For", "Forwarded", "Host", "Origin", "Range", "If-Range", "User-Agent"),
)
IN_HEADERS = ("x \t", '"a",', " ,", "W/", "a;b=", "a/b;q=1,", "a.", ":1", "%41", "[", "\\", "1")
PLACES = (
    *(("PATCH", "/v1/items/{itemId}"), ("GET", "/v1/buckets"), ("GET", "/v1/photos/{photoId}/original")),
    *(("GET", "/nowhere"), ("GET", "/static/0/docs.css")),
)


class Asked(NamedTuple):
    """A request."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    media_type: str = "application/json"

    @property
    def size(self) -> int:
        """Characters of the head, and bytes of the body."""
        return len(self.path) + len(self.query) + len(self.body) + sum(map(len, self.headers.values()))

    def environ(self, token: str) -> dict[str, Any]:
        """As a server hands it over (PEP 3333)."""
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        about = {"CONTENT_TYPE": named.pop("HTTP_CONTENT_TYPE", self.media_type), "CONTENT_LENGTH": str(len(self.body))}
        return {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path.encode().decode("latin-1"),
            "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            **(about if self.body else {}),
            **named,
        }


Make = Callable[[float], Asked]  # by the share of the limit: a half, or all of it
Limits = Mapping[tuple[str, str], int]  # bytes of a body, by method and path


def every_request(document: Mapping[str, Any], ids: Mapping[str, str], limits: Limits) -> Iterator[tuple[str, Make]]:
    """What it is called, and how it is made."""
    for path, methods in document["paths"].items():
        for name, operation in methods.items():
            method, label = name.upper(), f"{name} {path}"
            for named in operation.get("parameters", ()):
                for what, make in _parameters(_resolved(named, document), method, path, ids):
                    yield f"{label}, {what}", make
            if "requestBody" in operation:
                for what, make in _bodies(operation, document, method, path.format_map(ids), limits[method, path]):
                    yield f"{label}, {what}", make


def _bodies(
    operation: Mapping[str, Any], document: Mapping[str, Any], method: str, path: str, most: int
) -> Iterator[tuple[str, Make]]:
    is_form = FORM in operation["requestBody"]["content"]
    in_field = _in_part if is_form else _in_field
    for field, longest in _fields(operation, document):
        for name, piece in PIECES.items():
            for size in {longest, most // len(piece.encode())} - {0}:
                yield f"{field}: {size} {name}", in_field(method, path, field, piece, size)
    if is_form:
        for name, parts in FORMS.items():
            yield name, _as_body(method, path, parts, most, f"{FORM}; boundary={BOUNDARY}")
    for name, parts in BODIES.items():
        yield name, _as_body(method, path, parts, most)


def every_form_and_header(ids: Mapping[str, str]) -> Iterator[tuple[str, Make]]:
    for form in ("/reset", "/confirm", "/sign-up"):
        for piece in (*PIECES.values(), "&a=", "%", "%FF", ";", "="):
            for start in ("token=", "token=a&password="):
                yield f"{form}, {start}{piece!a}", _in_form(form, start, piece)
        yield f"{form}?token", _in_query("GET", form, "token", "%FF")
    for method, path in PLACES:
        for header in HEADERS:
            for piece in IN_HEADERS:
                yield f"{header}: {piece!a} at {path}", _in_header(method, path.format_map(ids), header, piece)


def _resolved(part: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    _, components, kind, name = part["$ref"].split("/")
    found: Mapping[str, Any] = document[components][kind][name]
    return found


def _times(piece: str, size: float, share: float) -> str:
    return piece * int(size * share // len(piece))


def _fields(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The fields of a body, and how many characters each can have; 0 where none are said. Of a list, `list/field`."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        schema = _resolved(media["schema"], document)
        for name, field in schema["properties"].items():
            yield name, _longest(field)
            element = _resolved(field.get("items", {}), document)
            inner = element.get("properties", {"": element} if element else {})
            yield from ((f"{name}/{part}", _longest(one)) for part, one in inner.items())


def _longest(field: Mapping[str, Any]) -> int:
    return max(int(choice.get("maxLength", 0)) for choice in (field, *field.get("anyOf", ())))


def _parameters(
    parameter: Mapping[str, Any], method: str, path: str, ids: Mapping[str, str]
) -> Iterator[tuple[str, Make]]:
    """Headers are tried everywhere, and not here."""
    name = parameter["name"]
    for what, piece in PIECES.items():
        if parameter["in"] == "query":
            yield f"{name}: {what}", _in_query(method, path.format_map(ids), name, quote(piece))
        if parameter["in"] == "path":
            yield f"{name}: {what}", _in_path(method, path, {**ids}, name, piece)


def _in_query(method: str, path: str, name: str, piece: str) -> Make:
    return lambda share: Asked(method, path, f"{name}=" + _times(piece, QUERY_BYTES - 100, share))


def _in_path(method: str, path: str, ids: Mapping[str, str], name: str, piece: str) -> Make:
    size = HEAD_BYTES // 9  # characters, each of which can be nine bytes there
    return lambda share: Asked(method, path.format_map({**ids, name: "a" + _times(piece, size, share)}))


def _in_field(method: str, path: str, field: str, piece: str, size: int) -> Make:
    name, *parts = field.split("/")

    def make(share: float) -> Asked:
        text: Any = "a" + piece * int((size - 30) * share / len(piece))
        for part in parts:
            text = [{part: text} if part else text]
        return Asked(method, path, body=json.dumps({name: text}, ensure_ascii=False).encode())

    return make


def _in_part(method: str, path: str, field: str, piece: str, size: int) -> Make:
    """Of a form; what should be a file is the text as well, which is no picture."""
    media_type = f"{FORM}; boundary={BOUNDARY}"

    def make(share: float) -> Asked:
        text = "a" + piece * int((size - 300) * share / len(piece))
        body = multipart({"file": b"no picture"} | {field: text.encode() if field == "file" else text})
        return Asked(method, path, body=body, media_type=media_type)

    return make


def _as_body(
    method: str, path: str, parts: tuple[str, str, str], most: int, media_type: str = "application/json"
) -> Make:
    first, piece, last = parts
    room = most - len(first) - len(last)
    return lambda share: Asked(
        method, path, body=(first + _times(piece, room, share) + last).encode(), media_type=media_type
    )


def _in_form(path: str, start: str, piece: str) -> Make:
    media_type = "application/x-www-form-urlencoded"

    def make(share: float) -> Asked:
        size = (FORM_BYTES - 100) * len(piece) / len(piece.encode())
        return Asked("POST", path, body=(start + _times(piece, size, share)).encode(), media_type=media_type)

    return make


def _in_header(method: str, path: str, header: str, piece: str) -> Make:
    body = b'{"state": "done"}' if method == "PATCH" else b""
    blanks = piece.strip("x") if "\t" in piece else piece
    return lambda share: Asked(method, path, headers={header: f"x{_times(blanks, HEAD_BYTES, share)}x"}, body=body)

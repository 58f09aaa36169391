"""Bodies that break things elsewhere: each is answered as the table says, on every route and both databases alike.

A row of the table makes a hostile body out of a good one.
"""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.schemas import LEAST_BODY_BYTES
from tests.conftest import on_sqlite
from tests.people import Person
from tests.responses import fields_of
from tests.routes import WITH_BODY, Route, body_for, make_place
from tests.strict_schemas import TYPES, body_schema

pytestmark = on_sqlite  # what a database gets of an unusual body is what it gets of a usual one

Good = dict[str, Any]
JSON = "application/json"
MEBIBYTE = 1024 * 1024
GOOD = 0  # stands for the status of success


def text(good: Good) -> str:
    return json.dumps(good, ensure_ascii=False)


def with_more(value: str) -> Callable[[Good], bytes]:
    """The good body with one more field, which holds `value` as it stands."""
    return lambda good: f'{text(good)[:-1]}, "more": {value}}}'.encode()


def with_first(value: str) -> Callable[[Good], bytes]:
    """The good body with `value`, as it stands, in the first field."""

    def spoil(good: Good) -> bytes:
        first, *others = good
        rest = "".join(f", {json.dumps(name)}: {json.dumps(good[name])}" for name in others)
        return f"{{{json.dumps(first)}: {value}{rest}}}".encode()

    return spoil


def before(fields: str) -> Callable[[Good], bytes]:
    """The good body with `fields` in front."""
    return lambda good: f"{{{fields}, {text(good)[1:]}".encode()


def raw(data: bytes) -> Callable[[Good], bytes]:
    return lambda _: data


BODIES: dict[str, tuple[int, Callable[[Good], bytes]]] = {
    "as it should be": (GOOD, lambda good: text(good).encode()),
    "white space around": (GOOD, lambda good: f" \r\n\t{text(good)}\n ".encode()),
    "escaped names": (GOOD, lambda good: text(good).replace('"n', '"\\u006e').encode()),
    "duplicate keys": (GOOD, lambda good: f'{{"{next(iter(good))}": [1], {text(good)[1:]}'.encode()),
    "empty": (400, raw(b"")),
    "white space": (400, raw(b" \n\t ")),
    "a NUL": (400, raw(b"\0")),
    "null": (422, raw(b"null")),
    "true": (422, raw(b"true")),
    "a number": (422, raw(b"1")),
    "a text": (422, raw(b'"text"')),
    "an empty array": (422, raw(b"[]")),
    "an array of it": (422, lambda good: f"[{text(good)}]".encode()),
    "a text of it": (422, lambda good: json.dumps(text(good)).encode()),
    "not JSON": (400, raw(b"<html></html>")),
    "an opening brace": (400, raw(b"{")),
    "truncated": (400, lambda good: text(good).encode()[:-1]),
    "truncated in a text": (400, lambda good: text(good).encode()[:-2]),
    "truncated in an escape": (400, raw(b'{"name": "\\u00')),
    "truncated in a character": (400, raw(b'{"name": "\xf0\x9f')),
    "an unknown escape": (400, with_first('"\\x41"')),
    "garbage behind": (400, lambda good: f"{text(good)}x".encode()),
    "twice": (400, lambda good: f"{text(good)}{text(good)}".encode()),
    "JSON lines": (400, lambda good: f"{text(good)}\n{text(good)}\n".encode()),
    "a trailing comma": (400, lambda good: f"{text(good)[:-1]},}}".encode()),
    "a missing comma": (400, raw(b'{"name": "x" "description": "y"}')),
    "single quotes": (400, lambda good: text(good).replace('"', "'").encode()),
    "no quotes": (400, raw(b"{name: 1}")),
    "a comment": (400, lambda good: f"/* good */ {text(good)}".encode()),
    "a comment behind": (400, lambda good: f"{text(good)} // good".encode()),
    "NaN": (400, with_first("NaN")),
    "Infinity": (400, with_more("Infinity")),
    "minus Infinity": (400, with_more("-Infinity")),
    "a leading zero": (400, with_first("01")),
    "a plus": (400, with_first("+1")),
    "a hexadecimal number": (400, with_first("0x10")),
    "a huge exponent": (422, with_first("1e400")),
    "a tiny exponent": (422, with_first("1e-400")),
    "2 to the 63": (422, with_first(str(2**63))),
    "2 to the 64": (422, with_first(str(2**64))),
    "minus 2 to the 64": (422, with_first(str(-(2**64)))),
    "4,000 digits": (422, with_first("9" * 4000)),
    "5,000 digits": (400, with_first("9" * 5000)),
    "7,000 digits": (400, with_more("9" * 7000)),
    "7,000 decimals": (422, with_first(f"1.{'3' * 7000}")),
    "closed arrays, 4,000 deep": (400, raw(b"[" * 4000 + b"]" * 4000)),
    "objects, 1,000 deep": (400, raw(b'{"a":' * 1000)),
    "a deep field": (400, with_more("[" * 3000 + "]" * 3000)),
    "a raw NUL in a text": (400, with_first('"a\0b"')),
    "a raw line break in a text": (400, with_first('"a\nb"')),
    "a lone high surrogate": (400, with_first('"\\ud800"')),
    "a lone low surrogate": (400, with_first('"\\udc00"')),
    "surrogates the wrong way round": (400, with_first('"\\udc00\\ud800"')),
    "a surrogate in a name": (400, before('"\\ud800": 1')),
    "a surrogate in UTF-8": (400, raw(b'{"name": "\xed\xa0\x80"}')),
    "an overlong slash": (400, raw(b'{"name": "\xc0\xaf"}')),
    "beyond Unicode": (400, raw(b'{"name": "\xf4\x90\x80\x80"}')),
    "Latin-1": (400, raw('{"name": "Größe"}'.encode("latin-1"))),
    "a byte order mark": (GOOD, lambda good: b"\xef\xbb\xbf" + text(good).encode()),
    "UTF-16": (400, lambda good: text(good).encode("utf-16")),
    "UTF-32": (400, lambda good: text(good).encode("utf-32")),
    "UTF-7": (400, raw(b"+AHsAIgBuAGEAbQBlACIAOg-1}")),
    "gzip, unannounced": (400, lambda good: gzip.compress(text(good).encode())),
    "form data": (400, raw(b"name=x&description=y")),
    "a multipart": (400, raw(b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--x--')),
    "XML with an entity": (400, raw(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>')),
    "an unknown field": (422, with_more("1")),
    "an empty name of a field": (422, before('"": 1')),
    "__proto__": (422, before('"__proto__": {"isAdmin": true}')),
    "__class__": (422, before('"__class__": "x", "__init__": 1')),
    "an operator": (422, with_first('{"$ne": null}')),
    "a very long name of a field": (422, before(f'"{"k" * 7000}": 1')),
    "600 fields": (422, before(",".join(f'"{number}": 0' for number in range(600)))),
    "600 fields of a field": (422, with_more("{" + ",".join(f'"{number}":0' for number in range(600)) + "}")),
    "one field 1,000 times": (422, before(",".join(['"x":0'] * 1000))),
    "a million fields": (413, raw(b"{" + b'"":0,' * 1_000_000 + b'"":0}')),
    "a MiB and a byte": (413, raw(b" " * (MEBIBYTE + 1))),
    "8 KiB of white space": (400, raw(b" " * LEAST_BODY_BYTES)),
    "8 KiB around it": (GOOD, lambda good: text(good).encode().rjust(LEAST_BODY_BYTES)),
}


def send(person: Person, route: Route, data: bytes, **environ: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {person.access_token}", "Content-Type": JSON} | environ.pop("headers", {})
    return person.client.open(
        environ.pop("path"), method=route.method, data=data, headers=headers, environ_overrides=environ
    )


@pytest.mark.threat(row=26)
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_ada_gets_the_same_answer_to_a_hostile_body_everywhere(ada: Person, route: Route) -> None:
    path, good = make_place(ada).path(route), body_for(route, ada) or {}
    refused = {name: (status, make) for name, (status, make) in BODIES.items() if status != GOOD}

    found = {name: send(ada, route, make(good), path=path) for name, (_, make) in refused.items()}

    assert {name: answer.status_code for name, answer in found.items()} == {
        name: status for name, (status, _) in refused.items()
    }
    assert max(len(answer.data) for answer in found.values()) < 20_000


@pytest.mark.parametrize("name", [name for name, (status, _) in BODIES.items() if status == GOOD])
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_ada_is_understood_when_her_body_is_only_unusual(ada: Person, route: Route, name: str) -> None:
    path, good = make_place(ada).path(route), body_for(route, ada) or {}

    response = send(ada, route, BODIES[name][1](good), path=path)

    assert response.status_code == route.status


OTHER_TYPES: list[Any] = [1, 1.5, True, [], {}, ["x"], {"x": "y"}, None]


def wrong_values(field: Good) -> list[Any]:
    """Of another type than the schema of a field has, longer, or with a NUL, which only a secret may hold."""
    named = field.get("type", "object")
    types = [named] if isinstance(named, str) else named
    wrong = [value for value in OTHER_TYPES if not any(TYPES[one](value) for one in types)]
    wrong += ["x" * (field["maxLength"] + 1)] if "maxLength" in field else []
    return [*wrong, "a\0b"] if "string" in types and field.get("format") != "password" else wrong


@pytest.mark.threat(row=27)
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_ada_is_told_of_every_field_that_is_missing_or_does_not_fit(app: ApiApp, ada: Person, route: Route) -> None:
    path, good, schema = make_place(ada).path(route), body_for(route, ada) or {}, body_schema(app, route)
    fields = schema["properties"].items()
    cases = [
        (f"{name}: {value!r:.60}", name, good | {name: value}) for name, one in fields for value in wrong_values(one)
    ]
    cases += [(f"no {name}", name, {k: v for k, v in good.items() if k != name}) for name in schema.get("required", ())]

    found = {case: fields_of(ada.ask(route.method, path, body)) for case, _, body in cases}

    assert found == {case: [f"/{name}"] for case, name, _ in cases}


WRONG_HEADERS: dict[str, tuple[int, dict[str, str]]] = {
    "no type": (415, {"Content-Type": ""}),
    "a form": (415, {"Content-Type": "application/x-www-form-urlencoded"}),
    "a multipart": (415, {"Content-Type": "multipart/form-data; boundary=x"}),
    "text": (415, {"Content-Type": "text/json"}),
    "JSON of another kind": (415, {"Content-Type": "application/vnd.api+json"}),
    "JSON lines": (415, {"Content-Type": "application/jsonl"}),
    "a JSON patch": (415, {"Content-Type": "application/json-patch+json"}),
    "Latin-1": (415, {"Content-Type": "application/json; charset=latin-1"}),
    "UTF-16": (415, {"Content-Type": "application/json; charset=utf-16"}),
    "gzip": (415, {"Content-Encoding": "gzip"}),
    "brotli": (415, {"Content-Encoding": "br"}),
    "a made-up encoding": (415, {"Content-Encoding": "x"}),
}


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_ada_gets_the_same_answer_to_hostile_headers_everywhere(ada: Person, route: Route) -> None:
    path, data = make_place(ada).path(route), text(body_for(route, ada) or {}).encode()

    found = {
        name: send(ada, route, data, path=path, headers=headers).status_code
        for name, (_, headers) in WRONG_HEADERS.items()
    }

    assert found == {name: status for name, (status, _) in WRONG_HEADERS.items()}

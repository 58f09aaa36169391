"""The check for breaking changes of the OpenAPI document sees what a client could notice, and lets it grow."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contract.growth import broken_promises, check_growth, release_document

DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
Edit = Callable[[dict[str, Any]], object]


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def field(document: dict[str, Any], name: str) -> dict[str, Any]:
    kind, _, of = name.partition(".")
    found: dict[str, Any] = schema(document, kind)["properties"][of]
    return found


def operation(document: dict[str, Any], name: str) -> dict[str, Any]:
    method, path = name.split()
    found: dict[str, Any] = document["paths"][path][method.lower()]
    return found


def parameter(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["parameters"][name]
    return found


def answer(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["responses"][name]
    return found


def set_in(part: dict[str, Any], **words: Any) -> None:
    part.update(words)


LIST, MAKE, ONE = "GET /v1/buckets", "POST /v1/buckets", "PATCH /v1/buckets/{bucketId}"
BROKEN: dict[str, tuple[Edit, str]] = {
    "a path less": (lambda d: d["paths"].pop("/v1/items"), "the path is gone"),
    "an operation less": (lambda d: d["paths"]["/v1/buckets"].pop("post"), "the operation is gone"),
    "another operationId": (lambda d: set_in(operation(d, LIST), operationId="getBuckets"), "operationId or tag"),
    "another tag": (lambda d: set_in(operation(d, LIST), tags=["lists"]), "operationId or tag"),
    "a token where none was needed": (
        lambda d: set_in(operation(d, "GET /healthz"), security=[{"bearer": []}]),
        "security has changed",
    ),
    "another scheme": (lambda d: set_in(d["components"]["securitySchemes"]["bearer"], scheme="basic"), "security has"),
    "a parameter less": (lambda d: operation(d, LIST)["parameters"].pop(), "the parameter sort is gone"),
    "a parameter required": (lambda d: set_in(parameter(d, "Limit"), required=True), "limit is required now"),
    "a parameter more, required": (
        lambda d: operation(d, LIST)["parameters"].append(
            {"name": "year", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "the parameter year is required now",
    ),
    "a parameter narrower": (lambda d: set_in(parameter(d, "Limit")["schema"], maximum=50), "maximum is narrower"),
    "a parameter of another type": (
        lambda d: set_in(parameter(d, "TargetBefore")["schema"], type="integer"),
        "string is no longer",
    ),
    "another default": (lambda d: set_in(parameter(d, "Limit")["schema"], default=50), "its absence means"),
    "a body required": (
        lambda d: set_in(operation(d, LIST), requestBody={"required": True, "content": {}}),
        "a body is required now",
    ),
    "a body less": (lambda d: operation(d, MAKE).pop("requestBody"), "the body is gone"),
    "a media type sent less": (
        lambda d: operation(d, ONE)["requestBody"]["content"].pop("application/merge-patch+json"),
        "merge-patch+json is no longer taken",
    ),
    "a field sent less": (lambda d: schema(d, "BucketIn")["properties"].pop("id"), "/id: the field is gone"),
    "a field sent required": (lambda d: schema(d, "BucketIn")["required"].append("description"), "is required now"),
    "a field sent narrower": (lambda d: set_in(field(d, "BucketIn.name"), maxLength=100), "maxLength is narrower"),
    "a field sent with a bound more": (lambda d: set_in(field(d, "LoginIn.password"), minLength=8), "minLength is"),
    "a field sent of another form": (lambda d: set_in(field(d, "BucketIn.name"), pattern="^x$"), "pattern has changed"),
    "a field sent of another format": (
        lambda d: set_in(field(d, "BucketIn.name"), format="email"),
        "format has changed",
    ),
    "null sent no more": (lambda d: set_in(field(d, "BucketIn.description"), type="string"), "null is no longer taken"),
    "a value sent less": (lambda d: schema(d, "State")["enum"].remove("done"), "done is no longer taken"),
    "a choice where anything was taken": (lambda d: set_in(field(d, "LoginIn.email"), enum=["a"]), "any other value"),
    "fields that depend on each other": (
        lambda d: set_in(schema(d, "BucketIn"), dependentRequired={"id": ["description"]}),
        "dependentRequired has changed",
    ),
    "a status less": (lambda d: operation(d, LIST)["responses"].pop("200"), "the status 200 is gone"),
    "an error less": (lambda d: operation(d, MAKE)["responses"].pop("409"), "the status 409 is gone"),
    "another success": (
        lambda d: set_in(operation(d, MAKE)["responses"], **{"202": {"description": "Later"}}),
        "the status 202 now",
    ),
    "a media type answered less": (
        lambda d: set_in(answer(d, "NotFound"), content={"application/json": {"schema": {}}}),
        "problem+json is gone",
    ),
    "a header less": (lambda d: answer(d, "TooManyRequests")["headers"].pop("Retry-After"), "Retry-After is gone"),
    "a header perhaps": (
        lambda d: set_in(d["components"]["headers"]["ETag"], required=False),
        "the header ETag may be absent now",
    ),
    "a field answered less": (lambda d: schema(d, "BucketOut")["properties"].pop("name"), "/name: the field is gone"),
    "a field answered perhaps": (lambda d: schema(d, "BucketOut")["required"].remove("name"), "may be absent now"),
    "a field deep in an answer less": (lambda d: schema(d, "UserOut")["properties"].pop("email"), "/user/email: the"),
    "a field of a list less": (lambda d: schema(d, "ItemOut")["properties"].pop("state"), "/items/*/state: the field"),
    "null answered": (
        lambda d: set_in(field(d, "BucketOut.name"), type=["string", "null"]),
        "null may now be answered",
    ),
    "another type answered": (lambda d: set_in(field(d, "BucketOut.position"), type="string"), "string may now be"),
    "a number for an integer": (lambda d: set_in(field(d, "BucketOut.position"), type="number"), "number may now be"),
    "a value answered more": (lambda d: schema(d, "ItemState")["enum"].append("lost"), "lost may now be answered"),
    "any value answered": (lambda d: schema(d, "TokenScope").pop("enum"), "any other value may now be answered"),
    "another format answered": (lambda d: field(d, "BucketOut.createdAt").pop("format"), "format has changed"),
    "an answer closed": (lambda d: set_in(schema(d, "BucketOut"), additionalProperties=False), "no other fields"),
    "a schema of another name": (
        lambda d: [d["components"]["schemas"].pop("BucketSort"), operation(d, LIST)["parameters"].pop()],
        "The schema BucketSort is gone",
    ),
    "a header of another type": (
        lambda d: set_in(d["components"]["headers"]["RetryAfter"]["schema"], type="string"),
        "string may now be answered",
    ),
    "a media type answered more": (
        lambda d: set_in(answer(d, "NotFound")["content"], **{"application/json": {"schema": {}}}),
        "application/json may be answered now",
    ),
    "a choice that cannot be judged": (
        lambda d: set_in(field(d, "Problem.code"), anyOf=[{"type": "string", "maxLength": 9}]),
        "anyOf has changed",
    ),
    "a word that cannot be judged": (lambda d: set_in(field(d, "BucketIn.name"), **{"not": {}}), "cannot be judged"),
}
GROWN: dict[str, Edit] = {
    "a path more": lambda d: set_in(d["paths"], **{"/v1/moods": {"get": operation(d, LIST)}}),
    "a field answered more": lambda d: set_in(schema(d, "BucketOut")["properties"], mood={"type": "boolean"}),
    "a field sent more": lambda d: set_in(schema(d, "BucketIn")["properties"], mood={"type": "boolean"}),
    "a parameter more": lambda d: operation(d, LIST)["parameters"].append(
        {"name": "mood", "in": "query", "required": False, "schema": {"type": "string"}}
    ),
    "a wider bound": lambda d: set_in(field(d, "BucketIn.name"), maxLength=300),
    "a pattern less": lambda d: field(d, "BucketIn.name").pop("pattern"),
    "a value sent more": lambda d: schema(d, "State")["enum"].append("doing"),
    "null sent": lambda d: set_in(field(d, "BucketIn.name"), type=["string", "null"]),
    "a value answered less": lambda d: schema(d, "ItemState")["enum"].remove("dropped"),
    "a code more": lambda d: schema(d, "ProblemCode")["enum"].append("storage_full"),
    "an error more": lambda d: set_in(operation(d, LIST)["responses"], **{"418": {"description": "A teapot"}}),
    "another media type taken": lambda d: set_in(
        operation(d, MAKE)["requestBody"]["content"], **{"application/cbor": {"schema": {}}}
    ),
    "other words": lambda d: set_in(field(d, "BucketIn.name"), description="How it is called.", examples=["Far"]),
    "an address": lambda d: set_in(d, servers=[{"url": "https://example.org/bucketlist"}]),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_client_would_notice(kind: str) -> None:
    edit, sentence = BROKEN[kind]
    new = deepcopy(DOCUMENT)
    edit(new)

    broken = broken_promises(DOCUMENT, new)

    assert [one for one in broken if sentence in one], broken


@pytest.mark.parametrize("kind", GROWN)
def test_no_client_would_notice(kind: str) -> None:
    new = deepcopy(DOCUMENT)
    GROWN[kind](new)

    assert new != DOCUMENT
    assert broken_promises(DOCUMENT, new) == []


def test_a_client_would_notice_that_a_body_is_required() -> None:
    old = deepcopy(DOCUMENT)
    set_in(operation(old, MAKE)["requestBody"], required=False)

    assert broken_promises(old, DOCUMENT) == [f"{MAKE}: a body is required now"]


def test_a_document_keeps_its_own_promises() -> None:
    assert broken_promises(DOCUMENT, deepcopy(DOCUMENT)) == []


def test_the_last_release_is_the_highest_number(tmp_path: Path) -> None:
    less = deepcopy(DOCUMENT)
    del less["paths"]["/v1/items"]
    for version, document in {"0.9.0": DOCUMENT, "0.10.0": less}.items():
        (tmp_path / f"openapi-{version}.json").write_text(json.dumps(document))
    (tmp_path / "now.json").write_text(json.dumps(less))

    assert check_growth(tmp_path / "now.json", tmp_path) == []


def test_a_release_keeps_its_document_unless_it_breaks_a_promise(tmp_path: Path) -> None:
    now = tmp_path / "now.json"
    now.write_text(json.dumps(DOCUMENT))
    kept = release_document(now, tmp_path, "1.0.0")
    now.write_text(json.dumps({**DOCUMENT, "paths": {}}))

    with pytest.raises(ValueError, match="the path is gone"):
        release_document(now, tmp_path, "1.1.0")

    assert [path.name for path in tmp_path.glob("openapi-*")] == [kept.name]
    assert json.loads(kept.read_text()) == DOCUMENT

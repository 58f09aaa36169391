"""Response validation: every answer is what the OpenAPI document says, to the field."""

import json
import re
from typing import Any

import pytest
from pydantic.alias_generators import to_camel
from werkzeug.test import TestResponse

from bucketlist.kit.http.openapi import ApiApp, all_models
from tests.people import Person
from tests.routes import ROUTES, Route, body_for, make_place, template_of
from tests.strict_schemas import SchemaReader, answered

CACHED = {
    "/v1/users/me",
    "/v1/buckets/<bucketId>",
    "/v1/items/<itemId>",
    "/v1/entries/<entryId>",
}  # an ETag makes revalidation useful
CACHED |= {f"/v1/photos/<photoId>{form}" for form in ("", "/original", "/preview", "/thumbnail")}


def faults_of(app: ApiApp, rule: str, method: str, response: TestResponse) -> list[str]:
    """What of `response` is not as the document has it."""
    document = json.loads(app.document_json)
    operation = document["paths"][template_of(rule)][method.lower()]
    reader = SchemaReader(document)
    documented = reader.resolve(operation["responses"][str(response.status_code)])
    headers = {name: reader.resolve(header) for name, header in documented.get("headers", {}).items()}
    required = [name for name, header in headers.items() if header["required"]]
    faults = [f"no header {name}" for name in required if name not in response.headers]
    if "content" not in documented:
        return [*faults, *(["a body"] if response.data else [])]
    content = documented["content"][response.content_type]
    if not response.is_json:
        return faults
    return [*faults, *reader.faults(content["schema"], response.get_json())]


@pytest.mark.threat(row=21)
@pytest.mark.threat(row=48)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_answer_is_what_the_document_says_and_nobody_but_its_owner_keeps_it(
    app: ApiApp, ada: Person, route: Route
) -> None:
    place, body = make_place(ada), body_for(route, ada)

    response = ada.ask(route.method, place.path(route), body)

    assert response.status_code == route.status
    assert faults_of(app, route.rule, route.method, response) == []
    has_etag = (route.rule in CACHED and route.status == 200) or (route.status == 201 and "/auth/" not in route.rule)
    assert ("ETag" in response.headers) == has_etag
    assert response.headers["Cache-Control"] == ("private, no-cache" if has_etag else "no-store")
    assert response.headers.getlist("Vary") == ["Authorization"]


@pytest.mark.parametrize("rule", ["/v1/buckets", "/v1/buckets/<bucketId>/items", "/v1/items"])
def test_a_page_in_the_middle_is_what_the_document_says(app: ApiApp, ada: Person, rule: str) -> None:
    buckets = [ada.make_bucket(description="Where the maps end.")["id"] for _ in range(3)]
    for state in ("open", "done", "open"):
        ada.make_item(buckets[0], state=state, description="In February.")

    first = ada.get(f"{rule.replace('<bucketId>', buckets[0])}?limit=1")
    middle = ada.get(first.get_json()["next"])

    assert middle.get_json()["previous"]
    assert [faults_of(app, rule, "GET", response) for response in (first, middle)] == [[], []]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_what_the_document_says(app: ApiApp, path: str) -> None:
    assert faults_of(app, path, "GET", app.test_client().get(path)) == []


@pytest.mark.parametrize("path", ["/v1/buckets", "/v1/items", "/v1/entries"])
def test_an_empty_list_is_what_the_document_says(app: ApiApp, ada: Person, path: str) -> None:
    assert faults_of(app, path, "GET", ada.get(path)) == []


def test_a_row_begins_with_the_fields_of_its_schema_in_their_order() -> None:
    """As `ApiModel.to_json_object` takes them; what else a row has comes behind."""
    rows: dict[str, Any] = {
        row.__name__: row for row in tuple.__subclasses__() if row.__module__.startswith("bucketlist")
    }
    models = {model.__name__: model for model in all_models()}
    names = [name for name in ("".join((row[:-3], "Out")) for row in rows if row.endswith("Row")) if name in models]

    found = {name: [to_camel(field) for field in rows[f"{name[:-3]}Row"]._fields] for name in names}

    assert {"BucketOut", "ItemOut", "UserOut"} <= set(names)
    assert {name: tuple(found[name][: len(models[name].keys())]) for name in names} == {
        name: models[name].keys() for name in names
    }


@pytest.mark.threat(row=21)
def test_no_secret_has_an_outgoing_schema(app: ApiApp) -> None:
    schemas = json.loads(app.document_json)["components"]["schemas"]
    shown = {name for schema in answered(json.loads(app.document_json)) for name in schemas[schema]["properties"]}

    assert not [name for name in shown if re.search("password|hash|folded|version", name, re.IGNORECASE)]


def test_a_field_too_many_or_too_few_would_be_seen(app: ApiApp, ada: Person) -> None:
    document = json.loads(app.document_json)
    schema, bucket = document["components"]["schemas"]["BucketOut"], ada.make_bucket()

    spoilt = [bucket | {"more": 1}, {**bucket, "name": 1}, bucket | {"id": "1"}, {"id": bucket["id"]}]

    assert list(SchemaReader(document).faults(schema, bucket)) == []
    assert all(list(SchemaReader(document).faults(schema, value)) for value in spoilt)

"""Bodies of routes: their media types and their largest size are declared at the route, and told by the document."""

import io
import json
from typing import Annotated, Any

import pytest
from flask import Response, request
from flask.testing import FlaskClient
from pydantic import Field

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.docs.about import ABOUT
from bucketlist.kit.http.openapi import ApiApp, ApiBlueprint, documented
from bucketlist.kit.http.requests import JSON, MERGE_PATCH
from bucketlist.kit.http.route_policy import accepts, body_limit, public
from bucketlist.kit.http.validation import validated
from bucketlist.kit.schemas import LEAST_BODY_BYTES, ApiModel
from tests.conftest import on_sqlite
from tests.every_route.test_route_policies import policies_of
from tests.responses import json_of
from tests.routes import FORMS, WITH_BODY, Route, template_of

CSV, TEXT = "text/csv", "text/plain"
MEBIBYTE = 1024 * 1024


class Table(ApiModel):
    """A body of a route to come."""

    name: Annotated[str, Field(max_length=20_000)]


def make_room() -> ApiBlueprint:
    """A room whose routes take what no other does."""
    room = ApiBlueprint("tables", __name__, about="Tables.")

    @room.post("/tables", summary="Send a table", responses={204: None}, openapi_extensions=documented())
    @public
    @accepts(CSV, TEXT)
    @body_limit(2 * MEBIBYTE)
    def add_table(content: bytes) -> Response:
        return Response(str(len(content)))

    @room.put("/tables", summary="Name a table", responses={204: None}, openapi_extensions=documented())
    @public
    @body_limit(100)
    def name_table(body: Table) -> Response:
        return Response(body.name)

    return room


@pytest.fixture
def tables(settings: Settings) -> FlaskClient:
    app = create_app(settings)
    app.register_api(make_room())
    return app.test_client()


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
@on_sqlite
def test_every_route_takes_json_and_a_merge_patch_where_it_changes_a_part(app: ApiApp, route: Route) -> None:
    declared = policies_of(app)[route.method, route.rule].media_types

    assert declared == ((JSON, MERGE_PATCH) if route.method == "PATCH" else (JSON,))


@on_sqlite
def test_the_document_tells_the_media_types_that_a_route_declares(app: ApiApp, client: FlaskClient) -> None:
    told = {
        (method.upper(), path): tuple(operation["requestBody"]["content"])
        for path, methods in json_of(client.get("/openapi.json"))["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }

    declared = {(method, template_of(rule)): policy for (method, rule), policy in policies_of(app).items()}
    assert told == {key: policy.media_types for key, policy in declared.items() if policy.media_types}


@pytest.mark.threat(row=25)
@on_sqlite
def test_r6_who_has_not_signed_in_sends_no_more_than_the_least(app: ApiApp) -> None:
    policies = policies_of(app)
    read = {key: policy.most_bytes for key, policy in policies.items() if policy.is_public and policy.most_bytes}

    assert set(read.values()) == {LEAST_BODY_BYTES}
    assert {("POST", path) for path in FORMS} <= set(read)


@on_sqlite
def test_a_route_takes_the_media_types_that_it_declares_and_no_others(tables: FlaskClient) -> None:
    kinds = (CSV, f"{TEXT}; charset=utf-8", JSON, f"{CSV}; charset=latin-1", "text/html", "text/*", "")

    found = {kind: tables.post("/v1/tables", data=b"a;b", content_type=kind) for kind in kinds}

    assert {kind: answer.status_code for kind, answer in found.items()} == dict.fromkeys(kinds[:2], 200) | (
        dict.fromkeys(kinds[2:], 415)
    )
    assert json_of(found[JSON])["detail"] == "The body must be text/csv or text/plain."
    packed = tables.post("/v1/tables", data=b"", content_type=CSV, headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415


@pytest.mark.threat(row=25)
@pytest.mark.parametrize(("size", "status"), [(2 * MEBIBYTE, 200), (2 * MEBIBYTE + 1, 413)])
@on_sqlite
def test_r6_a_route_takes_as_much_as_it_declares_with_and_without_a_length(
    tables: FlaskClient, size: int, status: int
) -> None:
    chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}

    whole = tables.post("/v1/tables", data=b"x" * size, content_type=CSV)
    stream = io.BytesIO(b"x" * size)
    cut = tables.post("/v1/tables", input_stream=stream, content_type=CSV, environ_overrides=chunked)

    assert [whole.status_code, cut.status_code] == [status, status]


@pytest.mark.threat(row=25)
@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
@on_sqlite
def test_r6_a_route_may_take_less_than_its_schema_could(tables: FlaskClient, size: int, status: int) -> None:
    body = json.dumps({"name": "x"}).encode().ljust(size)

    assert tables.put("/v1/tables", data=body, content_type=JSON).status_code == status


@pytest.mark.threat(row=25)
@pytest.mark.parametrize(("size", "status"), [(LEAST_BODY_BYTES, 200), (LEAST_BODY_BYTES + 1, 413)])
@on_sqlite
def test_r6_a_view_that_reads_a_body_of_which_it_said_nothing_gets_the_least(
    settings: Settings, size: int, status: int
) -> None:
    app = create_app(settings)
    app.add_url_rule("/read", "read", public(lambda: str(len(request.get_data()))), methods=["POST"])

    assert app.test_client().post("/read", data=b"x" * size).status_code == status


def test_a_view_whose_body_does_not_fit_its_policy_is_refused_at_the_start() -> None:
    def take_table(body: Table) -> Response:
        return Response(body.name)

    def take_bytes(content: bytes) -> Response:
        return Response(content)

    for wrong in (accepts(CSV)(take_table), take_bytes):
        with pytest.raises(ValueError, match=r"media type|declares"):
            validated(wrong)


@pytest.fixture
def document() -> dict[str, Any]:
    """That of an application with this room alone."""
    app = ApiApp("tables", ABOUT)
    app.register_api(make_room())
    app.publish()
    made: dict[str, Any] = json.loads(app.document_json)
    return made


def test_the_document_tells_of_bytes_as_they_come(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/tables"]["post"]

    assert operation["requestBody"] == {"content": {CSV: {}, TEXT: {}}, "required": True}
    assert {"400", "413", "415"} <= set(operation["responses"])

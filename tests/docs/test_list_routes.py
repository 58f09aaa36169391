"""The overview of all routes tells what the document tells."""

import json

from flask.testing import FlaskClient

from bucketlist.docs.overview import read_overview
from tests.conftest import on_both_paths
from tests.docs.html import read_page

PAIR = {
    "tags": [{"name": "lists", "description": "Lists."}, {"name": "unused"}],
    "paths": {
        "/lists": {
            "post": {"tags": ["lists"], "operationId": "makeList", "summary": "Make one", "security": []},
            "get": {
                "tags": ["lists"],
                "operationId": "readLists",
                "summary": "Read",
                "description": "All.\n\nOf\nthem.",
            },
        }
    },
}


def test_routes_come_by_tag_and_in_the_usual_order_of_methods() -> None:
    (group,) = read_overview(json.dumps(PAIR))

    assert (group.name, group.about) == ("lists", "Lists.")
    assert [(route.method, route.path, route.description) for route in group.routes] == [
        ("GET", "/lists", "All. Of them."),
        ("POST", "/lists", ""),
    ]


def test_a_route_says_whether_it_needs_a_token_and_where_the_reference_tells_more() -> None:
    (group,) = read_overview(json.dumps(PAIR))

    assert [route.needs_token for route in group.routes] == [True, False]
    assert [route.reference for route in group.routes] == ["#/lists/readLists", "#/lists/makeList"]


@on_both_paths
def test_the_homepage_leads_to_every_operation_of_the_document_once(client: FlaskClient, base_path: str) -> None:
    document = client.get("/openapi.json").json or {}
    operations = [operation for item in document["paths"].values() for operation in item.values()]

    links = read_page(client.get("/").text).links

    wanted = [f"{base_path}/reference#/{operation['tags'][0]}/{operation['operationId']}" for operation in operations]
    assert [links.count(link) for link in wanted] == [1] * len(wanted)

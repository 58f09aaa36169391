"""F12: base path of `PUBLIC_URL`: everything works, behind a proxy that takes it off and one that does not."""

import json
import re

import pytest
from flask.testing import FlaskClient

from bucketlist.config.values import OWN_PLACES
from bucketlist.kit.http.openapi import ApiApp
from tests.conftest import on_sqlite
from tests.docs.html import read_page
from tests.people import Person
from tests.responses import json_of
from tests.workers import WorkerWith

pytestmark = on_sqlite

PLACES = [
    *("/", "/conventions", "/reference", "/problems", "/reset", "/confirm", "/sign-up"),
    *("/openapi.json", "/healthz", "/readyz", "/favicon.ico"),
]


@pytest.fixture
def under_path(app: ApiApp, worker_with: WorkerWith) -> ApiApp:
    """The same database, under the path of another `PUBLIC_URL`."""
    return worker_with(public_url="https://lists.example.com/bucketlist")


@pytest.mark.parametrize("place", [*PLACES, "/v1/buckets", "/nowhere"])
def test_f12_a_place_answers_the_same_with_the_path_and_without(under_path: ApiApp, place: str) -> None:
    client = under_path.test_client()

    kept, stripped = (client.get(path, headers={"X-Request-Id": "1"}) for path in (f"/bucketlist{place}", place))

    assert (kept.status_code, kept.data) == (stripped.status_code, stripped.data)
    assert dict(kept.headers) == dict(stripped.headers)


def test_f12_the_path_without_a_slash_is_the_homepage(under_path: ApiApp) -> None:
    assert under_path.test_client().get("/bucketlist").data == under_path.test_client().get("/bucketlist/").data


@pytest.mark.parametrize("path", ["/bucketlistx/v1/buckets", "/Bucketlist/", "/bucketlist/bucketlist/"])
def test_f12_what_only_looks_like_the_path_is_not_found(under_path: ApiApp, path: str) -> None:
    assert under_path.test_client().get(path).status_code == 404


def test_f12_the_type_of_an_error_leads_to_its_page(under_path: ApiApp) -> None:
    client = under_path.test_client()

    told = json_of(client.get("/bucketlist/nowhere"))["type"]

    assert told == "/bucketlist/problems/not_found"
    assert f'"type": "{told}"' in client.get(told).text.replace("&#34;", '"')


def test_f12_a_bucket_may_be_called_like_the_path(under_path: ApiApp, ada: Person) -> None:
    ada.client = under_path.test_client()

    made = ada.post("/bucketlist/v1/buckets", {"name": "/bucketlist"})

    assert json_of(ada.get(made.headers["Location"]))["name"] == "/bucketlist"


def test_f12_an_answer_that_is_given_again_leads_to_where_the_service_stands_now(
    under_path: ApiApp, ada: Person
) -> None:
    first = ada.post("/v1/buckets", {"name": "Far away"}, Idempotency_Key="1")
    ada.client = under_path.test_client()

    again = ada.post("/bucketlist/v1/buckets", {"name": "Far away"}, Idempotency_Key="1")

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == f"/bucketlist{first.headers['Location']}"


def test_f12_a_cursor_is_good_on_both_sides_of_a_move(under_path: ApiApp, ada: Person) -> None:
    for name in ("Far away", "Near"):
        ada.make_bucket(name)
    following = json_of(ada.get("/v1/buckets?limit=1"))["next"]

    ada.client = under_path.test_client()

    assert [row["name"] for row in json_of(ada.get(f"/bucketlist{following}"))["buckets"]] == ["Near"]


def test_f12_the_document_says_where_the_service_stands(under_path: ApiApp) -> None:
    document = json.loads(under_path.document_json)

    types = re.findall('"(/[^"]*problems/[^"]*)"', under_path.document_json)

    assert document["servers"] == [{"url": "https://lists.example.com/bucketlist"}]
    assert len(types) >= 10
    assert [one for one in types if not one.startswith("/bucketlist/problems/")] == []


def test_f12_a_browser_at_a_wrong_address_is_led_back(under_path: ApiApp) -> None:
    page = under_path.test_client().get("/bucketlist/nowhere", headers={"Accept": "text/html"})

    assert page.status_code == 404
    assert "/bucketlist/reference" in read_page(page.text).links


def test_f12_a_cookie_to_come_stays_below_the_path(under_path: ApiApp, app: ApiApp) -> None:
    paths = [one.session_interface.get_cookie_path(one) for one in (under_path, app)]

    assert paths == ["/bucketlist", "/"]


def test_f12_without_a_path_no_middleware_looks_for_one(client: FlaskClient) -> None:
    assert client.get("/bucketlist/healthz").status_code == 404


def test_f12_no_route_lies_where_the_path_could_begin(worker_with: WorkerWith) -> None:
    """`OWN_PLACES` is what a `PUBLIC_URL` is refused for."""
    routes = worker_with(metrics_token="t" * 40).url_map
    firsts = {rule.rule.split("/")[1] for rule in routes.iter_rules()} - {""}

    assert {first for first in firsts if "<" not in first} | {"favicon.ico", "favicon.svg"} == set(OWN_PLACES)
    assert [first for first in firsts if "<" in first] == ["favicon.<any(svg, ico):kind>"]
    assert routes.bind("").test("/favicon.ico")

"""Web app manifest, share target, bookmarklet, and what pages tell the service worker; also under a path."""

import json
import struct
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from tests.conftest import on_both_paths, on_sqlite
from tests.people import Person
from tests.web.browsing import HTML, Visitor, browse, set_session
from tests.workers import WorkerWith

SHARED = {"title": "Lofoten", "text": "In winter", "url": "https://example.org/lofoten"}


@on_both_paths
def test_the_manifest_names_what_there_is_below_our_path(client: FlaskClient, base_path: str) -> None:
    response = client.get("/manifest.webmanifest")
    found = json.loads(response.text)

    assert response.content_type == "application/manifest+json"
    assert found["id"] == found["start_url"] == found["scope"] == f"{base_path}/"
    assert found["share_target"]["action"] == f"{base_path}/share"
    assert [one["name"] for one in found["share_target"]["params"]["files"]] == ["photos"]
    assert [one["url"] for one in found["shortcuts"]] == [f"{base_path}/items/new", f"{base_path}/search"]
    for icon in found["icons"]:
        picture = client.get(icon["src"])
        width, height = struct.unpack(">II", picture.data[16:24])
        assert (picture.content_type, f"{width}x{height}") == ("image/png", icon["sizes"])


@on_sqlite
def test_the_manifest_speaks_german_to_who_asks_for_it(client: FlaskClient) -> None:
    found = json.loads(client.get("/manifest.webmanifest", headers={"Accept-Language": "de"}).text)

    assert (found["lang"], found["shortcuts"][0]["name"]) == ("de", "Etwas hinzufügen")


@on_sqlite
def test_what_is_shared_fills_in_a_form_and_saves_nothing(visitor: Visitor) -> None:
    headers = HTML | {"Sec-Fetch-Site": "none"}
    sent = visitor.client.post("/share", data=SHARED, headers=headers, content_type="multipart/form-data")

    form = visitor.follow(sent)

    assert 'value="Lofoten"' in form
    assert "https://example.org/lofoten</textarea>" in form
    assert "In winter</textarea>" in form
    assert visitor.person.get("/v1/items").json["items"] == []  # type: ignore[index]


@on_sqlite
def test_what_is_shared_waits_while_somebody_signs_in(client: FlaskClient) -> None:
    form = client.post("/share", data=SHARED, headers=HTML, content_type="multipart/form-data").headers["Location"]
    door = client.get(form, headers=HTML).headers["Location"]

    assert urlsplit(door).path == "/sign-in"
    assert parse_qs(urlsplit(parse_qs(urlsplit(door).query)["next"][0]).query) == {
        name: [text] for name, text in SHARED.items()
    }


@on_sqlite
@pytest.mark.parametrize("text", ["https://example.org/a", "Look: https://example.org/a"])
def test_a_link_that_came_as_text_is_taken_for_a_link(visitor: Visitor, text: str) -> None:
    form = visitor.client.get("/items/new", query_string={"text": text}, headers=HTML).text

    assert "https://example.org/a</textarea>" in form


@on_both_paths
def test_the_bookmarklet_leads_to_our_form_by_its_public_address(app: ApiApp, ada: Person, base_path: str) -> None:
    page = browse(app, ada).read("/settings").text
    home = f"https://lists.example.com{base_path}" if base_path else "http://127.0.0.1:8000"

    assert f"javascript:void(open(&#39;{home}/items/new?&#39;+new URLSearchParams(" in page


@pytest.mark.threat(row=48)
@on_sqlite
def test_a_page_says_whose_it_is_and_tells_nothing_by_that(app: ApiApp, ada: Person, ben: Person) -> None:
    readers = []
    for person in (ada, ada, ben):
        client = app.test_client()
        set_session(client, person.actor)
        readers.append(client.get("/search", headers=HTML).headers["Bucketlist-Reader"])

    assert readers[0] == readers[1] != readers[2]
    assert all(readers[0] not in one for one in (ada.id, ada.actor.session_id))
    for place in ("/", "/sign-in"):
        assert app.test_client().get(place, headers=HTML).headers["Bucketlist-Reader"] == "nobody"


@on_sqlite
def test_the_service_worker_is_asked_for_at_each_visit(app: ApiApp, worker_with: WorkerWith) -> None:
    client = worker_with(public_url="https://example.org/bucketlist").test_client()

    worker = client.get("/bucketlist/service-worker.js")

    assert worker.headers["Cache-Control"] == "public, no-cache"
    assert "caches" in worker.text

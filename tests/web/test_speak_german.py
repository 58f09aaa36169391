"""Internationalization: pages, messages and dates in German, by what the browser asks for or somebody has chosen."""

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from tests.conftest import on_sqlite
from tests.people import Person
from tests.web.browsing import HTML, Visitor, field_of

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
pytestmark = [on_sqlite]


def heading(page: str) -> str:
    return page.partition("<h1")[2].partition(">")[2].partition("</h1>")[0]


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("de", "de"), ("de-CH", "de"), ("fr, de;q=0.5", "de"), ("en, de", "en"), ("fr", "en"), ("*", "en"), ("", "en")],
)
def test_a_page_speaks_the_language_that_the_browser_asks_for(client: FlaskClient, asked: str, spoken: str) -> None:
    for place in ("/sign-in", "/", "/problems", "/problems/not_found"):
        response = client.get(place, headers=HTML | {"Accept-Language": asked})

        assert f'<html lang="{spoken}" dir="ltr"' in response.text
        assert "Accept-Language" in ",".join(response.headers.getlist("Vary"))


def test_ada_chooses_a_language_whatever_her_browser_asks_for(visitor: Visitor) -> None:
    settings = visitor.follow(visitor.send("/settings/look", theme="", language="de", keys="on"))

    assert '<option value="de" lang="de" selected>Deutsch</option>' in settings
    assert "Gespeichert." in settings
    assert heading(visitor.read("/lists/new", Accept_Language="en").text) == "Neue Liste"
    visitor.send("/settings/look", theme="", language="xx")
    assert heading(visitor.read("/lists/new").text) == "New list"


def test_what_is_wrong_with_a_form_is_told_in_german(client: FlaskClient, visitor: Visitor, ada: Person) -> None:
    form = {"email": "dora", "password": "kurz", "name": "Dora"}
    refused = client.post("/sign-up", data=form, headers=GERMAN | HTML).text
    assert "Das ist keine gültige E-Mail-Adresse. Sie enthält kein @." in refused
    assert "Ein Passwort hat 8 bis 256 Zeichen." in refused
    assert "<title>Fehler: " in refused

    client.set_cookie("bucketlist-look", ".de.on")
    wrong = client.post("/sign-in", data={"email": ada.email, "password": "falsch"}, headers=HTML)
    assert "Die E-Mail-Adresse oder das Passwort stimmt nicht." in wrong.text

    visitor.client.set_cookie("bucketlist-look", ".de.on")
    item = visitor.send("/items/new", name="x" * 501, target="bald", times="100001")
    assert "Hier passen höchstens 500 Zeichen hinein." in item.text
    assert "Das ist keine Zeit, die wir lesen können." in item.text
    assert "Hier steht 100.000 oder weniger." in item.text


def test_pages_of_errors_and_problems_are_german_for_people_and_english_for_programs(client: FlaskClient) -> None:
    missing = client.get("/nothing-here", headers=HTML | GERMAN)
    problem = client.get("/problems/too_many_requests", headers=HTML | GERMAN)
    program = client.get("/v1/items", headers=GERMAN)

    assert "Vielleicht wurde sie nicht in einem Stück kopiert." in missing.text
    assert heading(problem.text) == "Zu viele Versuche"
    assert "<code>Retry-After</code> sagt." in problem.text
    assert program.json is not None
    assert program.json["title"] == "Not signed in"


def test_a_wish_is_captured_and_shown_in_german(visitor: Visitor) -> None:
    visitor.client.set_cookie("bucketlist-look", ".de.on")
    echoed = visitor.read("/echo?title=Nachtbaden im See %23nachts Sommer 2031").text.strip()

    listed = visitor.follow(visitor.send("/items", title="Nachtbaden #nachts 14. Juni 2031"))

    assert echoed == "Irgendwann im Sommer 2031, #nachts"
    assert '<time datetime="2031-06-14">14. Juni 2031</time>' in listed
    assert 'aria-label="Geschafft: Nachtbaden"' in listed
    assert heading(listed) == "Eines Tages"


def test_a_time_in_a_form_comes_back_as_it_is_written_here(visitor: Visitor) -> None:
    visitor.client.set_cookie("bucketlist-look", ".de.on")
    item = visitor.person.make_item(visitor.person.make_bucket()["id"], target="203X~")

    form = visitor.read(f"/items/{item['id']}/edit").text
    visitor.send(f"/items/{item['id']}/edit", name="x", target=field_of(form, "target"), etag=field_of(form, "etag"))

    assert field_of(form, "target") == "etwa die 2030er"
    assert visitor.person.get(f"/v1/items/{item['id']}").json["target"] == "203X~"  # type: ignore[index]


def test_somebody_new_is_greeted_and_offered_ideas_in_german(visitor: Visitor) -> None:
    page = visitor.read("/", Accept_Language="de").text

    assert heading(page) == "Willkommen, Ada. Hier ist Platz für alles, was du noch vorhast."
    assert 'value="In einem Leuchtturm schlafen"' in page
    assert page.count("<h3 id=") == 10


def test_under_a_path_the_choice_is_kept_too(app: ApiApp) -> None:
    client = app.test_client()
    client.set_cookie("bucketlist-look", "dark.de.off")

    assert '<html lang="de" dir="ltr" data-theme="dark"' in client.get("/forgot", headers=HTML).text

"""Test helper of HTML forms and pages: somebody who is signed in, whose client keeps cookies and fills in forms."""

import re
from dataclasses import dataclass
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.auth.actor import Actor
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests.people import Person

HTML = {"Accept": "text/html"}


@dataclass
class Visitor:
    """A browser with the cookie of somebody’s session."""

    client: FlaskClient
    person: Person

    def read(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=HTML | _as_headers(headers))

    def send(self, path: str, **fields: object) -> TestResponse:
        """A form, as a page of ours sends it."""
        return self.client.post(path, data={"csrf": self.csrf()} | fields, headers=HTML)

    def send_part(self, path: str, **fields: object) -> TestResponse:
        """A form that htmx sends."""
        headers = HTML | {"HX-Request": "true"}
        return self.client.post(path, data={"csrf": self.csrf()} | fields, headers=headers)

    def csrf(self) -> str:
        return services_of(self.client.application).cookie_sessions.csrf_token(self.person.actor)

    def follow(self, response: TestResponse) -> str:
        """The text of the page that a form leads to."""
        assert response.status_code == 303, response.text
        page = self.read(response.headers["Location"])
        assert page.status_code == 200
        return page.text


def _as_headers(named: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in named.items()}


def browse(app: ApiApp, person: Person) -> Visitor:
    """Another session of `person`, in a browser."""
    client = app.test_client()
    set_session(client, person.actor)
    return Visitor(client, person)


def set_session(client: FlaskClient, actor: Actor) -> None:
    made = services_of(client.application)
    client.set_cookie(made.settings.cookie_name("session"), made.cookie_sessions.issue(actor))


def field_of(page: str, name: str) -> str:
    """What a field of a form on a page holds."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, page
    return unescape(found[1])

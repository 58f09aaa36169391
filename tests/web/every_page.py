"""Test helper of accessibility: a life in which every page has something on it, and the addresses of all of them.

The addresses come from the tables of routes, so that a page that is added later is among them, or its parameter is
unknown here and a test fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import APIRequestContext, BrowserContext, Page, StorageState, expect

from tests.pictures import encoded, noise, with_exif
from tests.routes import FORMS, PAGES
from tests.web.in_browser import PASSWORD
from tests.web.routes import DOORS, WEB_READS

NOT_PAGES = {"/echo": "a line beside a field", "/photos/<photo_id>/<copy>": "a picture"}
NOT_OURS = {"/reference": "Swagger UI"}
MORE = {  # what else there is to see at an address
    "/items/<item_id>": ["/items/{doing}", "/items/{done}", "/items/{counted}", "/items/{dropped}"],
    "/items/<item_id>/edit": ["/items/{done}/edit"],
    "/items/<item_id>/entries/new": ["/items/{counted}/entries/new", "/items/{done}/entries/new"],
    "/items/new": ["/items/new?already=yes", "/items/new?title=Lofoten&url=https%3A%2F%2Fexample.org"],
    "/journal": ["/journal?q=nothing+like+it", "/journal?after=soon", "/journal?person=Nora"],
    "/lists/<list_id>": ["/lists/{list_id}?show=done", "/lists/{empty}", "/lists/{archived}"],
    "/search": ["/search?q=sea", "/search?q=nothing+like+it", "/search?state=done"],
}
_parameter = re.compile(r"<(?:\w+:)?(\w+)>").sub


@dataclass(frozen=True)
class Life:
    """Somebody’s life on a server: their email, the ids of what is in it, and a session."""

    home: str
    email: str
    ids: dict[str, str]
    session: StorageState

    def address(self, path: str) -> str:
        return self.home + path.format_map(self.ids)


class Api:
    """The API, for whoever has just registered."""

    def __init__(self, requests: APIRequestContext, home: str, email: str) -> None:
        self._requests, self._home, self._headers = requests, home, dict[str, str]()
        told = self.post("/v1/auth/register", {"email": email, "password": PASSWORD, "name": "Ada"})
        self._headers = {"Authorization": f"Bearer {told['accessToken']}"}

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._answer("POST", path, data=body)

    def add_photo(self, path: str) -> str:
        picture = encoded(noise(), exif=with_exif("2026:07:14 18:03:11"))
        sent = {"file": {"name": "swim.jpg", "mimeType": "image/jpeg", "buffer": picture}, "caption": "At the pier"}
        return str(self._answer("POST", path, multipart=sent)["id"])

    def get(self, path: str) -> dict[str, Any]:
        return self._answer("GET", path)

    def delete(self, path: str) -> None:
        self._answer("DELETE", path)

    def _answer(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        answer = self._requests.fetch(f"{self._home}{path}", method=method, headers=self._headers, **sent)
        assert answer.ok, answer.text()
        return dict(answer.json()) if answer.status != 204 else {}


def live(context: BrowserContext, home: str, email: str) -> Life:
    """A life with wishes in all states, stories, photos, a token, and all kinds of things in the trash."""
    api = Api(context.request, home, email)
    lists = {name: api.post("/v1/buckets", {"name": name})["id"] for name in ("Water", "Elsewhere", "Empty")}
    old = api.post("/v1/buckets", {"name": "Old dreams", "archived": True})["id"]
    ids = {"list_id": lists["Water"], "empty": lists["Empty"], "archived": old, "tag": "sea", "year": "2026"}
    ids |= add_wishes(api, lists["Water"])
    ids |= tell_stories(api, ids)
    api.post("/v1/auth/tokens", {"name": "Backup", "scope": "read", "currentPassword": PASSWORD})
    ids["trash_id"] = delete_things(api, lists["Elsewhere"], ids["done"])
    return Life(home, email, ids, sign_in(context.new_page(), home, email))


def sign_in(page: Page, home: str, email: str) -> StorageState:
    page.goto(f"{home}/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".lists")).to_be_visible()
    return page.context.storage_state()


def add_wishes(api: Api, list_id: str) -> dict[str, str]:
    """One of each kind, the first with all that a wish can have."""
    told: dict[str, Any] = {
        "name": "Swim at midnight",
        "target": "2031-22",
        "tags": ["sea", "night"],
        "place": "Lofoten",
    }
    told |= {"description": "With the *swallows*.", "links": [{"url": "https://example.org", "title": "The tide"}]}
    told |= {"steps": [{"text": "Buy fins", "done": True}, {"text": "Wait", "done": False}]}
    kinds: dict[str, dict[str, Any]] = {
        "item_id": told,
        "open": {"name": "Cross a border"},
        "other": {"name": "Bake bread"},
        "doing": {"name": "Learn the cello", "state": "doing"},
        "done": {"name": "See a whale", "state": "done"},
        "counted": {"name": "Read 100 books", "times": 100},
        "dropped": {"name": "Be rich", "state": "dropped", "droppedReason": "Of no use."},
    }
    return {kind: api.post(f"/v1/buckets/{list_id}/items", wish)["id"] for kind, wish in kinds.items()}


def tell_stories(api: Api, ids: dict[str, str]) -> dict[str, str]:
    day = {"date": "2026-07-14", "story": "It *blew*.", "people": ["Nora", "Ivo"], "place": "Andenes", "rating": 5}
    entry = api.post(f"/v1/items/{ids['done']}/entries", day)["id"]
    api.post(f"/v1/items/{ids['done']}/entries", {"date": "198X", "story": "A first try.", "completes": False})
    api.post(f"/v1/items/{ids['counted']}/entries", {"title": "Emma", "date": "2025-03"})
    api.add_photo(f"/v1/items/{ids['item_id']}/photos")
    photo, _ = (api.add_photo(f"/v1/entries/{entry}/photos") for _ in range(2))
    return {"entry_id": entry, "photo_id": photo}


def delete_things(api: Api, list_id: str, item_id: str) -> str:
    """One of each kind is put in the trash; the id of the last."""
    item, gone = (api.post(f"/v1/buckets/{list_id}/items", {"name": name})["id"] for name in ("Ski", "Fly"))
    entry = api.post(f"/v1/items/{item_id}/entries", {"date": "2024", "completes": False})["id"]
    photo = api.add_photo(f"/v1/items/{item}/photos")
    bucket = api.post("/v1/buckets", {"name": "Not any more"})["id"]
    paths = (f"/photos/{photo}", f"/entries/{entry}", f"/items/{gone}", f"/items/{item}", f"/buckets/{bucket}")
    for path in paths:
        api.delete(f"/v1{path}")
    return str(api.get("/v1/trash")["trash"][0]["id"])


def pages() -> Iterator[str]:
    """Paths of all pages for whoever is signed in; the ids of a life stand in braces."""
    assert {*NOT_PAGES, *MORE} <= {*WEB_READS}, "What is left out or looked at more closely is there."
    yield from ("/", "/?other=1", "/lists/nothing", "/nothing")
    for rule in WEB_READS:
        if rule not in NOT_PAGES:
            yield _parameter(r"{\1}", rule)
            yield from MORE.get(rule, [])


def public_pages() -> Iterator[str]:
    """Paths of all that visitors may read, what is no page too; a link of a letter comes with a token and without."""
    yield from (path for rule, path in PAGES if rule not in NOT_OURS)
    yield from (rule for method, rule in DOORS if method == "GET")
    for path in FORMS:
        yield from (path, f"{path}?token=x")
    yield "/nothing"

"""Test users of the fuzzing: two people with a few things each, and what one of them can see."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.patience import LONG

BUCKETS, ITEMS_EACH = 4, 3
JSON = "application/json"
ALL_OF = {"buckets": "limit=100&archived=any", "items": "limit=100&archived=any"}  # others have no archive
LISTS = {
    "buckets": "/v1/buckets",
    "items": "/v1/items",
    "entries": "/v1/entries",
    "sessions": "/v1/auth/sessions",
    "tokens": "/v1/auth/tokens",
}


class Answer(NamedTuple):
    """What the server said."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Person:
    """Somebody with an account on the server at `url`."""

    url: str
    name: str
    access_token: str = field(default="", repr=False)

    @property
    def email(self) -> str:
        return f"{self.name}@example.org"

    @property
    def credentials(self) -> dict[str, str]:
        return {"email": self.email, "password": f"{self.name} swims in the lake at night"}

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.access_token}"} if self.access_token else {}
        content = None if body is None else json.dumps(body).encode()
        headers |= {"Content-Type": JSON} if content else {}
        try:
            with urlopen(Request(self.url + path, content, headers, method=method), timeout=LONG) as response:
                return Answer(response.status, response.read().decode())
        except HTTPError as error:
            return Answer(error.code, error.read().decode())

    def make(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.ask("POST", path, body)
        if answer.status != HTTPStatus.CREATED:
            raise AssertionError(f"POST {path} was answered with {answer}")
        return answer.json

    def sign_up(self) -> None:
        self.access_token = self.make("/v1/auth/register", self.credentials)["accessToken"]

    def sign_in(self) -> None:
        self.access_token = ""
        self.access_token = self.ask("POST", "/v1/auth/login", self.credentials).json["accessToken"]

    def fill(self) -> None:
        """Make buckets, items with an entry, and a token that say who wrote them."""
        for number in range(BUCKETS):
            bucket = self.make("/v1/buckets", {"name": f"Bucket {number}, written by {self.name}"})
            for place in range(ITEMS_EACH):
                wish = {"name": f"Wish {place}, written by {self.name}", "entry": {"title": f"A day of {self.name}"}}
                self.make(f"/v1/buckets/{bucket['id']}/items", wish)
        self.make(
            "/v1/auth/tokens",
            {"name": f"Script of {self.name}", "scope": "write", "currentPassword": self.credentials["password"]},
        )

    def list_all(self, kind: str) -> list[Any]:
        """All of a kind, archived ones too, page by page."""
        found, following = [], f"{LISTS[kind]}?{ALL_OF.get(kind, 'limit=100')}"
        while following:
            page = self.ask("GET", following).json
            found += page[kind]
            following = page["next"]
        return found

    def list_ids(self, kind: str) -> list[str]:
        return [each["id"] for each in self.list_all(kind)]

    def look_around(self) -> str:
        """All that is theirs but for sessions, of which there is one more with each sign-in, to be compared."""
        kept = [self.list_all(kind) for kind in LISTS if kind != "sessions"]
        return json.dumps([self.ask("GET", "/v1/users/me").json, *kept])

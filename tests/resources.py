"""REST resources where they behave alike: what holds for both is written once and run for each."""

from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.people import Person

MANY = 1000


@dataclass
class Things:
    """Buckets or items: where they are made and listed, and somebody who does so."""

    owner: Person
    kind: str  # the name of the list: buckets or items
    make_path: str
    list_path: str
    longest_name: int

    def make(self, name: str = "See the northern lights", **fields: Any) -> dict[str, Any]:
        response = self.owner.post(self.make_path, {"name": name, **fields})
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.get_json()
        return made

    def path(self, thing: dict[str, Any]) -> str:
        return f"/v1/{self.kind}/{thing['id']}"

    def read(self, thing: dict[str, Any]) -> TestResponse:
        return self.owner.get(self.path(thing))

    def ask(self, **parameters: str | int) -> TestResponse:
        return self.owner.client.get(
            self.list_path,
            query_string=parameters,
            headers={"Authorization": f"Bearer {self.owner.access_token}"},
        )

    def names(self, **parameters: str | int) -> list[str]:
        """Of the rows on the page that `parameters` ask for."""
        response = self.ask(**parameters)
        assert response.status_code == 200, response.text
        return [row["name"] for row in response.get_json()[self.kind]]

    def pages(self, path: str, relation: str = "next") -> list[dict[str, Any]]:
        """The page at `path` and all that follow; a list that never ends makes the test fail."""
        found = [self.owner.get(path).get_json()]
        while found[-1][relation]:
            assert len(found) < MANY
            found.append(self.owner.get(found[-1][relation]).get_json())
        return found

    def rows(self, path: str | None) -> list[dict[str, Any]]:
        """All rows of all pages, from the page at `path` on."""
        return [row for page in self.pages(path) for row in page[self.kind]] if path else []


def buckets_of(person: Person) -> Things:
    return Things(person, "buckets", "/v1/buckets", "/v1/buckets", 200)


def items_of(person: Person, *, everywhere: bool = False) -> Things:
    """Those of a new bucket; `everywhere`, they are listed with those of all buckets."""
    path = f"/v1/buckets/{person.make_bucket()['id']}/items"
    return Things(person, "items", path, "/v1/items" if everywhere else path, 500)


@pytest.fixture(params=["buckets", "items"])
def things(request: pytest.FixtureRequest, ada: Person) -> Things:
    """Ada's buckets, or the items of a bucket of hers."""
    return buckets_of(ada) if request.param == "buckets" else items_of(ada)


@pytest.fixture(params=["buckets", "items of a bucket", "all items"])
def listed(request: pytest.FixtureRequest, ada: Person) -> Things:
    """Each of the three lists, of Ada; still empty."""
    if request.param == "buckets":
        return buckets_of(ada)
    return items_of(ada, everywhere=request.param == "all items")

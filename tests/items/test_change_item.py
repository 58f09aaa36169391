"""Routes `PUT` and `PATCH /v1/items/{itemId}`."""

import pytest

from tests.people import Person
from tests.responses import errors_of, json_of

WRITES = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def test_ada_changes_one_field_and_keeps_the_others(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"], "See the lights", description="In February.")
    path = f"/v1/items/{item['id']}"

    for body in ({"state": "done"}, {"name": "See the *lights*"}, {"description": "In March."}):
        changed = json_of(ada.patch(path, body))
        item = item | body

        assert changed == item | {"modifiedAt": changed["modifiedAt"]}
        assert json_of(ada.get(path)) == changed


def test_ada_replaces_an_item_and_empties_what_she_leaves_away_but_the_bucket(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"], description="In February.", state="done")

    replaced = json_of(ada.put(f"/v1/items/{item['id']}", {"name": "Replaced"}))

    assert replaced == item | {
        "name": "Replaced",
        "description": None,
        "state": "open",
        "modifiedAt": replaced["modifiedAt"],
    }


@WRITES
def test_ada_changes_an_item_with_a_slash_at_the_end(ada: Person, method: str) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.ask(method, f"/v1/items/{item['id']}/", {"name": "Changed"})

    assert json_of(response)["name"] == "Changed"


@WRITES
@pytest.mark.parametrize("state", ["Done", "finished", "", None, True, 1, []])
def test_ada_cannot_put_an_item_into_another_state(ada: Person, method: str, state: object) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "x", "state": state})

    assert [pointer for pointer, _ in errors_of(response)] == ["/state"]


def test_ada_changes_an_item_by_a_merge_patch(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.patch(f"/v1/items/{item['id']}", {"state": "done"}, Content_Type="application/merge-patch+json")

    assert json_of(response)["state"] == "done"


@WRITES
def test_cleo_cannot_change_adas_item(ada: Person, cleo: Person, method: str) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = cleo.ask(method, f"/v1/items/{item['id']}", {"name": "Changed"})

    assert response.status_code == 404
    assert json_of(ada.get(f"/v1/items/{item['id']}")) == item

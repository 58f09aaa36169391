"""Routes of items: create, read, list, replace, change, move to another bucket, delete."""

import pytest

from bucketlist.kit.ids import new_id
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import errors_of, json_of

WISH = ("state", "droppedReason", "target", "times", "timesDone", "place", "tags", "steps", "links")


@on_both_paths
def test_ada_adds_an_item(ada: Person, base_path: str) -> None:
    bucket = ada.make_bucket()

    response = ada.post(
        f"/v1/buckets/{bucket['id']}/items",
        {"name": "See the northern lights", "description": "In *February*.", "state": "done"},
    )

    made = json_of(response)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{base_path}/v1/items/{made['id']}"
    assert list(made) == [*("id", "bucketId", "name", "description"), *WISH, *("position", "createdAt", "modifiedAt")]
    assert (made["bucketId"], made["state"], made["position"]) == (bucket["id"], "done", 1)
    assert json_of(ada.get(response.headers["Location"])) == made


def test_ada_adds_an_item_that_is_open_unless_she_says_else(ada: Person) -> None:
    made = ada.make_item(ada.make_bucket()["id"])

    assert (made["state"], made["description"]) == ("open", None)


@pytest.mark.parametrize("state", ["Done", "finished", "", " done", None, True, 1, []])
def test_ada_cannot_add_an_item_in_another_state(ada: Person, state: object) -> None:
    bucket = ada.make_bucket()

    response = ada.post(f"/v1/buckets/{bucket['id']}/items", {"name": "x", "state": state})

    assert [pointer for pointer, _ in errors_of(response)] == ["/state"]


def test_ada_finds_a_new_item_last_in_its_bucket(ada: Person) -> None:
    first, second = ada.make_bucket()["id"], ada.make_bucket()["id"]

    positions = [ada.make_item(bucket)["position"] for bucket in (first, second, first, first, second)]

    assert positions == [1, 1, 2, 3, 2]


def test_cleo_learns_nothing_of_adas_ids_by_using_them(ada: Person, cleo: Person) -> None:
    hers = ada.make_item(ada.make_bucket()["id"])
    bucket = cleo.make_bucket()

    made = cleo.make_item(bucket["id"], id=hers["id"])

    assert made["id"] == hers["id"]
    assert json_of(ada.get(f"/v1/items/{hers['id']}")) == hers


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
@pytest.mark.parametrize("state", ["Done", "finished", "", None, True, 1, []])
def test_ada_cannot_put_an_item_into_another_state(ada: Person, method: str, state: object) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "x", "state": state})

    assert [pointer for pointer, _ in errors_of(response)] == ["/state"]


def test_ada_deletes_an_item(ada: Person) -> None:
    bucket = ada.make_bucket()
    gone, kept = ada.make_item(bucket["id"]), ada.make_item(bucket["id"])

    response = ada.delete(f"/v1/items/{gone['id']}")

    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert ada.get(f"/v1/items/{gone['id']}").status_code == 404
    assert json_of(ada.get("/v1/items"))["items"] == [kept]


def test_ada_reads_an_item(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"], description="In February.")

    response = ada.get(f"/v1/items/{item['id']}")

    assert json_of(response) == item


def test_ada_lists_the_items_of_one_bucket_or_of_all(ada: Person) -> None:
    first, second, empty = (ada.make_bucket()["id"] for _ in range(3))
    items = [ada.make_item(first, "a"), ada.make_item(second, "b"), ada.make_item(first, "c")]

    lists = [
        json_of(ada.get(f"/v1/{path}?sort=name"))
        for path in (f"buckets/{first}/items", f"buckets/{empty}/items", "items")
    ]

    assert [page["items"] for page in lists] == [[items[0], items[2]], [], items]
    assert [page["count"] for page in lists] == [2, 0, 3]


def test_cleo_sees_none_of_adas_items(ada: Person, cleo: Person) -> None:
    bucket = ada.make_bucket()
    ada.make_item(bucket["id"])

    assert cleo.get(f"/v1/buckets/{bucket['id']}/items").status_code == 404
    assert json_of(cleo.get("/v1/items"))["items"] == []
    assert json_of(cleo.get("/v1/items?q=lights"))["count"] == 0


@WRITES
def test_ada_moves_an_item_to_the_end_of_another_bucket(ada: Person, method: str) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item, stays = ada.make_item(here, "Moved"), ada.make_item(here)
    others = [ada.make_item(there) for _ in range(3)]

    moved = json_of(ada.ask(method, f"/v1/items/{item['id']}", {"name": "Moved", "bucketId": there}))

    assert moved == item | {"bucketId": there, "position": 4, "modifiedAt": moved["modifiedAt"]}
    assert moved["modifiedAt"] > item["modifiedAt"]
    assert json_of(ada.get(f"/v1/buckets/{there}/items"))["items"] == [*others, moved]
    assert json_of(ada.get(f"/v1/buckets/{here}/items"))["items"] == [stays]


@WRITES
def test_ada_moves_nothing_by_naming_the_bucket_where_it_is(ada: Person, method: str) -> None:
    bucket = ada.make_bucket()["id"]
    item = ada.make_item(bucket, "Stays")
    ada.make_item(bucket)
    etag = ada.get(f"/v1/items/{item['id']}").headers["ETag"]

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "Stays", "bucketId": bucket})

    assert json_of(response) == item
    assert response.headers["ETag"] == etag


def test_ada_finds_an_item_last_when_it_comes_back(ada: Person) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item, stays = ada.make_item(here), ada.make_item(here)

    for bucket in (there, here):
        ada.patch(f"/v1/items/{item['id']}", {"bucketId": bucket})

    found = json_of(ada.get(f"/v1/buckets/{here}/items"))["items"]
    assert [row["id"] for row in found] == [stays["id"], item["id"]]


@WRITES
@pytest.mark.parametrize("made_up", ["", "nonsense", "00000000-0000-0000-0000-000000000000", "a\u0000b"])
def test_f25_ada_is_told_that_a_bucket_in_the_body_is_not_there(ada: Person, method: str, made_up: str) -> None:
    item = ada.make_item(ada.make_bucket()["id"], "Stays")

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "Changed", "bucketId": made_up or new_id()})

    assert errors_of(response) == [("/bucketId", "bucket_not_found")]
    assert json_of(ada.get(f"/v1/items/{item['id']}")) == item


@WRITES
def test_f25_cleo_cannot_move_her_item_to_adas_bucket(ada: Person, cleo: Person, method: str) -> None:
    adas = ada.make_bucket()
    item = cleo.make_item(cleo.make_bucket()["id"], "Stays")

    foreign = cleo.ask(method, f"/v1/items/{item['id']}", {"name": "Stays", "bucketId": adas["id"]}, X_Request_Id="r")
    unknown = cleo.ask(method, f"/v1/items/{item['id']}", {"name": "Stays", "bucketId": new_id()}, X_Request_Id="r")

    assert (foreign.status_code, foreign.data) == (unknown.status_code, unknown.data)
    assert errors_of(foreign) == [("/bucketId", "bucket_not_found")]
    assert json_of(ada.get(f"/v1/buckets/{adas['id']}"))["itemCount"] == 0


@WRITES
@pytest.mark.parametrize("bucket", [None, 1, True, [], {}])
def test_ada_cannot_move_an_item_to_what_is_no_id(ada: Person, method: str, bucket: object) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "x", "bucketId": bucket})

    assert [pointer for pointer, _ in errors_of(response)] == ["/bucketId"]


def test_ada_keeps_an_item_that_she_moved_before_she_deleted_its_old_bucket(ada: Person) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item = ada.make_item(here)
    ada.patch(f"/v1/items/{item['id']}", {"bucketId": there})

    ada.delete(f"/v1/buckets/{here}")

    assert json_of(ada.get(f"/v1/items/{item['id']}"))["bucketId"] == there


@WRITES
def test_f25_an_item_that_is_not_there_comes_before_a_bucket_that_is_not(ada: Person, method: str) -> None:
    response = ada.ask(method, f"/v1/items/{new_id()}", {"name": "x", "bucketId": new_id()})

    assert (response.status_code, json_of(response)["code"]) == (404, "not_found")


def test_f25_a_bucket_in_the_address_that_is_not_there_is_404(ada: Person) -> None:
    response = ada.post(f"/v1/buckets/{new_id()}/items", {"name": "x"})

    assert (response.status_code, json_of(response)["code"]) == (404, "not_found")

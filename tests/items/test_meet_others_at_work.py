"""Race conditions: what happens when somebody else is quicker, between our look and our change."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from tests.concurrency import just_before
from tests.people import Person
from tests.raw_database import open_database
from tests.responses import errors_of, json_of


@pytest.fixture(params=["bucket", "item"])
def path(request: pytest.FixtureRequest, ada: Person) -> str:
    """Of a bucket or an item of Ada's."""
    bucket = ada.make_bucket("First")["id"]
    return f"/v1/buckets/{bucket}" if request.param == "bucket" else f"/v1/items/{ada.make_item(bucket, 'First')['id']}"


def test_ada_keeps_a_change_of_another_device(app: ApiApp, ada: Person, path: str) -> None:
    with just_before(app, "UPDATE", lambda: ada.patch(path, {"description": "Theirs"})):
        response = ada.patch(path, {"name": "Mine"})

    assert response.status_code == 200
    assert (json_of(response)["name"], json_of(response)["description"]) == ("Mine", "Theirs")
    assert json_of(ada.get(path)) == json_of(response)


def test_ada_changes_nothing_that_changed_since_she_looked(app: ApiApp, ada: Person, path: str) -> None:
    etag = ada.get(path).headers["ETag"]

    with just_before(app, "UPDATE", lambda: ada.patch(path, {"name": "Theirs"})):
        response = ada.patch(path, {"name": "Mine"}, If_Match=etag)

    assert response.status_code == 412
    assert json_of(ada.get(path))["name"] == "Theirs"


def test_ada_is_told_what_went_meanwhile(app: ApiApp, ada: Person, path: str) -> None:
    with just_before(app, "UPDATE", lambda: ada.delete(path)):
        response = ada.patch(path, {"name": "Mine"})

    assert response.status_code == 404


def test_ada_is_told_when_others_never_stop(app: ApiApp, ada: Person) -> None:
    path = f"/v1/items/{ada.make_item(ada.make_bucket()['id'])['id']}"
    numbers = iter(range(1000))

    with just_before(app, "UPDATE items", lambda: ada.patch(path, {"description": str(next(numbers))}), times=50):
        response = ada.patch(path, {"name": "Mine"})

    assert (response.status_code, json_of(response)["code"]) == (409, "conflict")


def test_ada_deletes_an_item_that_another_device_changed(app: ApiApp, ada: Person) -> None:
    path = f"/v1/items/{ada.make_item(ada.make_bucket()['id'])['id']}"

    with just_before(app, "UPDATE", lambda: ada.patch(path, {"name": "Theirs"})):
        response = ada.delete(path)

    assert (response.status_code, ada.get(path).status_code) == (204, 404)


def test_ada_deletes_no_item_that_changed_since_she_looked(app: ApiApp, ada: Person) -> None:
    path = f"/v1/items/{ada.make_item(ada.make_bucket()['id'])['id']}"
    etag = ada.get(path).headers["ETag"]

    with just_before(app, "UPDATE", lambda: ada.patch(path, {"name": "Theirs"})):
        response = ada.delete(path, If_Match=etag)

    assert response.status_code == 412
    assert json_of(ada.get(path))["name"] == "Theirs"


def test_f25_ada_moves_nothing_into_a_bucket_that_goes_meanwhile(app: ApiApp, ada: Person) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item = ada.make_item(here)

    with just_before(app, "UPDATE", lambda: ada.delete(f"/v1/buckets/{there}")):
        response = ada.patch(f"/v1/items/{item['id']}", {"bucketId": there})

    assert errors_of(response) == [("/bucketId", "bucket_not_found")]
    assert json_of(ada.get(f"/v1/items/{item['id']}")) == item


def test_ada_adds_nothing_to_a_bucket_that_goes_meanwhile(app: ApiApp, ada: Person) -> None:
    bucket = ada.make_bucket()["id"]

    with just_before(app, "INSERT", lambda: ada.delete(f"/v1/buckets/{bucket}")):
        response = ada.post(f"/v1/buckets/{bucket}/items", {"name": "x"})

    assert response.status_code == 404


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"name": "Mine"}), ("DELETE", None)])
def test_ada_changes_nothing_after_she_was_signed_out_meanwhile(
    app: ApiApp, ada: Person, method: str, body: dict[str, str] | None
) -> None:
    item = ada.make_item(ada.make_bucket()["id"], "Kept")

    with just_before(app, "UPDATE", lambda: ada.post("/v1/auth/logout")):
        response = ada.ask(method, f"/v1/items/{item['id']}", body)

    assert response.status_code == 401


def test_ada_adds_nothing_to_a_bucket_that_is_being_deleted(app: ApiApp, settings: Settings, ada: Person) -> None:
    bucket = ada.make_bucket()["id"]

    with ThreadPoolExecutor(1) as threads, open_database(settings) as connection:
        connection.execute(text("DELETE FROM buckets WHERE id = :bucket"), {"bucket": bucket})
        waiting = threads.submit(lambda: ada.post(f"/v1/buckets/{bucket}/items", {"name": "x"}))
        time.sleep(0.3)
        assert not waiting.done()
        connection.commit()

    assert waiting.result().status_code == 404

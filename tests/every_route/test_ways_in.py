"""Account takeover, ways into an account: whoever knows its password, or reads its mail. There is no other way."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.auth.passwords import is_well_known
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.migrations import runner
from bucketlist.models import users
from tests import databases
from tests.authentication import log_in
from tests.people import Person
from tests.raw_database import read_all_tables
from tests.threats import PAGE

TOKENS = {"accessToken", "refreshToken"}


def test_every_way_in_is_written_down(app: ApiApp) -> None:
    document = json.loads(app.document_json)
    opening = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        if set(properties_of(document, content["schema"])) >= TOKENS
    }

    assert opening == {"POST /v1/auth/register", "POST /v1/auth/login", "POST /v1/auth/refresh"}
    ways = PAGE.partition("\n## Authentication: ways in\n")[2].partition("\n## ")[0]
    assert [way for way in opening if f"`{way}`" not in ways] == []


def properties_of(document: Any, schema: dict[str, str]) -> list[str]:
    found: dict[str, Any] = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    return list(found.get("properties", {}))


def test_words_of_our_own_are_no_passwords() -> None:
    ways = PAGE.partition("\n## Authentication: ways in\n")[2].partition("\n## ")[0]

    assert is_well_known("Bucketlist")
    assert "`bucketlist`" in ways


def test_a_password_does_not_grow_old(client: FlaskClient, ada: Person) -> None:
    with time_machine.travel(clock.now() + timedelta(days=4000)):
        assert log_in(client, ada)["user"]["email"] == ada.email


@pytest.mark.threat(row=14)
def test_a_new_database_has_no_account(settings: Settings, tmp_path: Path) -> None:
    url = databases.create_database(settings.database_url)
    new = settings.model_copy(update={"database_url": url, "data_dir": tmp_path})

    runner.upgrade(new)

    assert not read_all_tables(new).get(users.name)

"""The OpenAPI document: the one in the repository is the one that the code makes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from tests.conftest import on_sqlite
from tests.patience import LONG
from tests.responses import json_of
from tests.routes import ROUTES, Route, template_of
from tests.servers import environment

REPOSITORY = Path(__file__).parents[2]


def printed_with(folder: Path, seed: str) -> bytes:
    """What the command prints when Python hashes with `seed`."""
    done = subprocess.run(
        [sys.executable, "-m", "bucketlist", "openapi"],
        cwd=folder,
        env=environment(folder, PYTHONHASHSEED=seed, PYTHONPATH=os.fspath(REPOSITORY)),
        capture_output=True,
        check=True,
        timeout=LONG,
    )
    return done.stdout


def test_the_document_is_the_one_in_the_repository(client: FlaskClient) -> None:
    served = client.get("/openapi.json").data

    assert served == (REPOSITORY / "openapi.json").read_bytes(), "run: make openapi"


def test_the_document_has_the_same_bytes_whatever_the_seed(tmp_path: Path) -> None:
    kept = (REPOSITORY / "openapi.json").read_bytes()

    assert [printed_with(tmp_path, seed) == kept for seed in ("0", "1", "4294967295")] == [True] * 3


def test_the_document_holds_every_route_and_health(client: FlaskClient) -> None:
    document = json_of(client.get("/openapi.json"))

    documented = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}

    expected = {(route.method, template_of(route.rule)) for route in ROUTES}
    assert documented == expected | {("GET", "/healthz"), ("GET", "/readyz")}
    assert document["openapi"].startswith("3.1")


@on_sqlite
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_the_document_says_which_tokens_a_route_needs(app: ApiApp, route: Route) -> None:
    document = json.loads(app.document_json)

    operation = document["paths"][template_of(route.rule)][route.method.lower()]

    assert operation["security"] == ([] if route.is_public else [{"bearer": []}])
    assert str(route.status) in operation["responses"]
    assert ("requestBody" in operation) == (route.body is not None or route.form is not None)
    assert operation["summary"]
    assert operation["description"]


def test_the_document_needs_no_token_for_health(app: ApiApp) -> None:
    paths = json.loads(app.document_json)["paths"]

    assert [paths[path]["get"]["security"] for path in ("/healthz", "/readyz")] == [[], []]


@pytest.mark.threat(row=71)
@pytest.mark.parametrize(
    ("public_url", "server"), [("", "/"), ("https://lists.example.com/wishes", "https://lists.example.com/wishes")]
)
def test_f17_the_document_names_the_address_at_which_people_reach_the_service(
    settings: Settings, public_url: str, server: str
) -> None:
    app = create_app(settings.model_copy(update={"public_url": public_url}))

    assert json.loads(app.document_json)["servers"] == [{"url": server}]

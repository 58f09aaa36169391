"""After some things an access token is worthless at once: on every route, on every worker, after every restart."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.clock import now
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.services import services_of
from tests.auth.conftest import close
from tests.auth.steps import apart_from_request_id, bearer, log_in, protected_routes, refresh
from tests.people import PASSWORD, Person, make_person

BODIES: dict[str, dict[str, Any]] = {  # of every route that takes one; a new route has to be added
    "PUT /v1/auth/password": {"currentPassword": PASSWORD, "newPassword": "another horse battery"},
    "POST /v1/auth/tokens": {"name": "Script", "scope": "read", "currentPassword": PASSWORD},
    "PATCH /v1/users/me": {"name": "Ada L."},
    "DELETE /v1/users/me": {"password": PASSWORD},
    "POST /v1/buckets": {"name": "Far away"},
    "PUT /v1/buckets/<bucketId>": {"name": "Far away"},
    "PATCH /v1/buckets/<bucketId>": {"name": "Far away"},
    "POST /v1/buckets/<bucketId>/items": {"name": "See the northern lights"},
    "PUT /v1/items/<itemId>": {"name": "See the northern lights", "state": "open"},
    "PATCH /v1/items/<itemId>": {"name": "See the northern lights"},
}

Session = dict[str, Any]


@pytest.fixture
def restarted(app: ApiApp, settings: Settings) -> Iterator[Callable[[], ApiApp]]:
    """Makes the application anew, as a restart does."""
    made: list[ApiApp] = []

    def restart() -> ApiApp:
        made.append(create_app(settings))
        return made[-1]

    yield restart
    for one in made:
        close(one)


def logs_out(client: FlaskClient, session: Session) -> None:
    client.post("/v1/auth/logout", headers=bearer(session))


def changes_the_password_elsewhere(client: FlaskClient, session: Session) -> None:
    other = log_in(client, session["user"]["email"])
    body = BODIES["PUT /v1/auth/password"]
    assert client.put("/v1/auth/password", json=body, headers=bearer(other)).status_code == 204


def uses_an_old_refresh_token(client: FlaskClient, session: Session) -> None:
    refresh(client, session["refreshToken"])
    with time_machine.travel(now() + timedelta(seconds=11)):
        assert refresh(client, session["refreshToken"]).status_code == 401


def deletes_the_account(client: FlaskClient, session: Session) -> None:
    response = client.delete("/v1/users/me", json={"password": PASSWORD}, headers=bearer(session))
    assert response.status_code == 204


EVENTS = [logs_out, changes_the_password_elsewhere, uses_an_old_refresh_token, deletes_the_account]


def status_of(client: FlaskClient, method: str, rule: str, token: str) -> int:
    """How a route answers a request that is right but for the ids."""
    path = re.sub(r"<\w+>", lambda _: new_id(), rule)
    return client.open(path, method=method, json=BODIES.get(f"{method} {rule}"), headers=bearer(token)).status_code


@pytest.mark.threat(row=5)
@pytest.mark.parametrize("event", EVENTS)
def test_the_token_is_worthless_on_every_route_of_every_worker_after_ada(
    app: ApiApp,
    client: FlaskClient,
    ada: Person,
    other_worker: ApiApp,
    restarted: Callable[[], ApiApp],
    event: Callable[[FlaskClient, Session], None],
) -> None:
    session = log_in(client, ada)
    token = session["accessToken"]
    for worker in (app, other_worker):  # both have read it and remember its signature
        assert worker.test_client().get("/v1/buckets", headers=bearer(token)).status_code == 200

    event(client, session)

    for worker in (app, other_worker, restarted()):
        routes = protected_routes(worker)
        assert len(routes) >= 16
        assert {route: status_of(worker.test_client(), *route, token) for route in routes} == dict.fromkeys(routes, 401)


def test_a_living_token_is_worthless_on_no_route(app: ApiApp, client: FlaskClient) -> None:
    routes = protected_routes(app)

    people = [make_person(app, f"{number}@example.com") for number in range(len(routes))]

    found = {route: status_of(client, *route, one.access_token) for route, one in zip(routes, people, strict=True)}
    assert set(found.values()) == {200, 201, 204, 404}


def test_a_revoked_token_is_answered_like_a_forged_one(client: FlaskClient, ada: Person) -> None:
    forged = apart_from_request_id(client.get("/v1/users/me", headers=bearer("x.y.z")))
    ada.post("/v1/auth/logout")

    revoked = apart_from_request_id(ada.get("/v1/users/me"))

    assert revoked == forged


def test_the_token_of_another_session_survives_all_of_it(client: FlaskClient, ada: Person, ben: Person) -> None:
    for event in (logs_out, uses_an_old_refresh_token, changes_the_password_elsewhere):
        event(client, log_in(client, ada, PASSWORD))

    assert ben.get("/v1/users/me").status_code == 200


def test_an_expired_session_is_worthless_though_its_row_is_there(client: FlaskClient, ada: Person) -> None:
    with time_machine.travel(ada.actor.expires_at + 30 * 86_400, tick=False):
        token = services_of(client.application).access_tokens.issue(ada.actor)

        assert client.get("/v1/users/me", headers=bearer(token)).status_code == 401

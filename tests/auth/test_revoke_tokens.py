"""After some things an access token is worthless at once: on every route, on every worker, after every restart."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.auth.actor import Actor
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.kit.clock import now
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.services import services_of
from bucketlist.sessions import lifecycle_queries
from tests.authentication import bearer, is_signed_in, log_in, refresh
from tests.people import PASSWORD, Person, as_sent
from tests.responses import apart_from_request_id
from tests.routes import PRIVATE, UNKNOWN
from tests.workers import close

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
    body = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    assert client.put("/v1/auth/password", json=body, headers=bearer(other)).status_code == 204


def uses_an_old_refresh_token(client: FlaskClient, session: Session) -> None:
    refresh(client, session["refreshToken"])
    with time_machine.travel(now() + timedelta(seconds=11)):
        assert refresh(client, session["refreshToken"]).status_code == 401


def deletes_the_account(client: FlaskClient, session: Session) -> None:
    response = client.delete("/v1/users/me", json={"password": PASSWORD}, headers=bearer(session))
    assert response.status_code == 204


EVENTS = [logs_out, changes_the_password_elsewhere, uses_an_old_refresh_token, deletes_the_account]


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
        ask, headers = worker.test_client().open, bearer(token)
        answers = {
            str(one): ask(UNKNOWN.path(one), method=one.method, headers=headers, **as_sent(one.sent)) for one in PRIVATE
        }
        assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(answers, 401)


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


def test_ada_stays_signed_in_when_ben_logs_out_of_a_token_of_the_same_id(ada: Person, ben: Person) -> None:
    lifecycle_queries.blacklist(ben.id, ada.actor.token_id, clock.text_from_now(hours=1))

    assert is_signed_in(ada.client, ada.access_token)

    lifecycle_queries.blacklist(ada.id, ada.actor.token_id, clock.text_from_now(hours=1))

    assert not is_signed_in(ada.client, ada.access_token)


def test_a_session_of_adas_is_none_of_bens(app: ApiApp, ada: Person, ben: Person) -> None:
    mixed = Actor(ben.id, ada.actor.session_id, new_id(), ada.actor.expires_at)

    assert not is_signed_in(app.test_client(), services_of(app).access_tokens.issue(mixed))

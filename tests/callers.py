"""Test users of the access matrix: nobody, whoever has a worthless token, a script, the owner, with their headers."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple, cast

from sqlalchemy import bindparam, update

from bucketlist.auth.actor import Actor
from bucketlist.kit import clock
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.models import sessions
from bucketlist.services import services_of
from tests.authentication import log_in
from tests.people import Person, make_person
from tests.routes import Who

END_NOW = Statement(
    update(sessions).where(sessions.c.id == bindparam("token_id")).values(expires_at=bindparam("moment"))
)


class Asking(NamedTuple):
    """Somebody with a request: what they send in the headers, and which doors the token is for."""

    headers: dict[str, str]
    scope: frozenset[Who] | None = None  # None: nobody, as far as the guard can tell
    is_dead: bool = False  # as the database can tell


Everybody = Callable[[Person], Asking]


def with_token(token: str, *scope: Who, is_dead: bool = False) -> Asking:
    return Asking({"Authorization": f"Bearer {token}"}, frozenset(scope) or None, is_dead)


def nobody(_: Person) -> Asking:
    return Asking({})


def another_scheme(_: Person) -> Asking:
    return Asking({"Authorization": "Basic YWRhOmFkYQ=="})


def with_a_cookie_only(ada: Person) -> Asking:
    return Asking({"Cookie": f"session={ada.access_token}; Authorization=Bearer {ada.access_token}"})


def garbage(_: Person) -> Asking:
    return with_token("eyJhbGciOiJub25lIn0.e30.")


def expired(ada: Person) -> Asking:
    past = int((clock.now() - timedelta(seconds=1)).timestamp())
    actor = Actor(ada.id, ada.actor.session_id, new_id(), past)
    return with_token(services_of(ada.client.application).access_tokens.issue(actor))


def logged_out(ada: Person) -> Asking:
    token = log_in(ada.client, ada)["accessToken"]
    ada.post("/v1/auth/logout", Authorization=f"Bearer {token}")
    return with_token(token, "reader", "writer", "person", is_dead=True)


def deleted(ada: Person) -> Asking:
    person = make_person(cast("ApiApp", ada.client.application), f"deleted.{ada.email}")
    assert person.delete("/v1/users/me", {"password": person.password}).status_code == 204
    return with_token(person.access_token, "reader", "writer", "person", is_dead=True)


def revoked_script(ada: Person) -> Asking:
    made = ada.make_token()
    ada.delete(f"/v1/auth/tokens/{made['id']}")
    return with_token(made["token"], "reader", "writer", is_dead=True)


def expired_script(ada: Person) -> Asking:
    made = ada.make_token(expiresAt=clock.text_from_now(hours=1))
    execute(END_NOW, {"token_id": made["id"], "moment": clock.now_text()})
    return with_token(made["token"], "reader", "writer", is_dead=True)


def reading_script(ada: Person) -> Asking:
    return with_token(ada.make_token("read")["token"], "reader")


def writing_script(ada: Person) -> Asking:
    return with_token(ada.make_token()["token"], "reader", "writer")


def owner(ada: Person) -> Asking:
    return with_token(ada.access_token, "reader", "writer", "person")


# Whom no private route lets in, with what they are challenged.
NOBODIES: dict[Everybody, str] = dict.fromkeys([nobody, another_scheme, with_a_cookie_only], "Bearer")
NOBODIES |= dict.fromkeys([garbage, expired, logged_out, deleted], 'Bearer error="invalid_token"')
EVERYBODY = [*NOBODIES, revoked_script, expired_script, reading_script, writing_script, owner]

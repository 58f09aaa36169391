"""A session and a token belong to one user: what another user has under the same id opens and shuts nothing."""

from bucketlist.auth.actor import Actor
from bucketlist.kit import clock
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.services import services_of
from bucketlist.sessions import lifecycle_queries
from tests.auth.steps import is_signed_in
from tests.people import Person


def test_ada_stays_signed_in_when_ben_logs_out_of_a_token_of_the_same_id(ada: Person, ben: Person) -> None:
    lifecycle_queries.blacklist(ben.id, ada.actor.token_id, clock.text_from_now(hours=1))

    assert is_signed_in(ada.client, ada.access_token)

    lifecycle_queries.blacklist(ada.id, ada.actor.token_id, clock.text_from_now(hours=1))

    assert not is_signed_in(ada.client, ada.access_token)


def test_a_session_of_adas_is_none_of_bens(app: ApiApp, ada: Person, ben: Person) -> None:
    mixed = Actor(ben.id, ada.actor.session_id, new_id(), ada.actor.expires_at)

    assert not is_signed_in(app.test_client(), services_of(app).access_tokens.issue(mixed))

"""Horizontal scaling: two servers on different ports, one PostgreSQL database. What one did, the other knows at once.

Whole processes, as `bucketlist serve` starts them in production.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bucketlist.buckets.quotas import BUCKETS
from bucketlist.config import Settings
from bucketlist.kit.ids import new_id
from bucketlist.limits.bounds import PER_NETWORK
from bucketlist.limits.quotas import ALLOWANCE_SECONDS
from bucketlist.models import buckets
from tests import databases
from tests.authentication import ELSEWHERE, HOME
from tests.bulk import bucket_rows, insert_rows
from tests.concurrency import together
from tests.conftest import on_postgresql
from tests.servers import LiveServer, start_server
from tests.serving.wire import PASSWORD, Answer, Visitor, ask, sign_up

pytestmark = [pytest.mark.slow, on_postgresql]

NEW = "a short walk by the lake"


@pytest.fixture(scope="module")
def shared_settings(settings: Settings) -> Settings:
    """Those of a database that two servers have in common."""
    return settings.model_copy(update={"database_url": databases.create_database(settings.database_url)})


@pytest.fixture(scope="module")
def servers(shared_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[LiveServer]]:
    """Each behind a proxy, with a folder of its own, and alike in all else."""
    alike = {"APP_SETTING": "production", "RATELIMIT_ENABLED": "true", "TRUSTED_PROXIES": "1"}

    def start(name: str) -> LiveServer:
        folder: Path = tmp_path_factory.mktemp(name)
        return stack.enter_context(start_server(folder, DATABASE_URL=shared_settings.database_url, **alike))

    with ExitStack() as stack:
        yield [start(name) for name in ("here", "there")]


@pytest.fixture
def here(servers: list[LiveServer]) -> Visitor:
    """Somebody new, who signed up at one of the servers."""
    return sign_up(servers[0], f"{new_id()}@example.com")


@pytest.fixture
def there(here: Visitor, servers: list[LiveServer]) -> Visitor:
    """The same person, whose requests get to the other; it has seen the token already."""
    found = replace(here, server=servers[1])
    assert found.ask("GET", "/v1/users/me").status == 200
    return found


def log_in(server: LiveServer, email: str, password: str = PASSWORD, address: str = HOME) -> Answer:
    body = {"email": email, "password": password}
    return ask(server, "POST", "/v1/auth/login", body, X_Forwarded_For=address)


def in_another_session(person: Visitor) -> Visitor:
    return replace(person, token=log_in(person.server, person.email).json["accessToken"])


ENDINGS: dict[str, Callable[[Visitor], Answer]] = {
    "logout": lambda ada: ada.ask("POST", "/v1/auth/logout"),
    "sessions": lambda ada: in_another_session(ada).ask("DELETE", "/v1/auth/sessions"),
    "password": lambda ada: in_another_session(ada).ask(
        "PUT", "/v1/auth/password", {"currentPassword": PASSWORD, "newPassword": NEW}
    ),
    "account": lambda ada: ada.ask("DELETE", "/v1/users/me", {"password": PASSWORD}),
}


@pytest.mark.threat(row=5)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token_that_ends_at_one_is_worthless_at_the_other(here: Visitor, there: Visitor, ending: str) -> None:
    assert ENDINGS[ending](here).status == 204

    assert there.ask("GET", "/v1/users/me").status == 401
    assert there.ask("POST", "/v1/buckets", {"name": "Far away"}).status == 401


@pytest.mark.threat(row=5)
def test_a_personal_token_that_is_revoked_at_one_is_worthless_at_the_other(here: Visitor, there: Visitor) -> None:
    made = here.ask("POST", "/v1/auth/tokens", {"name": "x", "scope": "write", "currentPassword": PASSWORD}).json
    script = replace(there, token=made["token"])
    assert script.ask("GET", "/v1/buckets").status == 200

    assert here.ask("DELETE", f"/v1/auth/tokens/{made['id']}").status == 204

    assert script.ask("GET", "/v1/buckets").status == 401


def test_a_request_that_is_repeated_at_the_other_is_done_once(here: Visitor, there: Visitor) -> None:
    people = [here, there]

    answers = together(8, lambda n: people[n % 2].ask("POST", "/v1/buckets", {"name": "x"}, Idempotency_Key="once"))

    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    assert Counter("idempotency-replayed" in answer.headers for answer in answers) == {True: 7, False: 1}
    assert there.ask("GET", "/v1/buckets").json["count"] == 1


def test_a_change_at_one_makes_what_was_seen_at_the_other_old(here: Visitor, there: Visitor) -> None:
    made = here.ask("POST", "/v1/buckets", {"name": "Far away"})
    path, seen = made.headers["location"], {"If_Match": made.headers["etag"]}

    changed = there.ask("PATCH", path, {"name": "Farther away"}, **seen)

    assert changed.status == 200
    assert here.ask("PATCH", path, {"name": "Near"}, **seen).status == 412
    assert here.ask("GET", path).body == changed.body


def test_a_page_of_one_leads_to_a_page_of_the_other(here: Visitor, there: Visitor) -> None:
    for name in "ab":
        here.ask("POST", "/v1/buckets", {"name": name})

    following = here.ask("GET", "/v1/buckets?limit=1").json["next"]

    assert [row["name"] for row in there.ask("GET", following).json["buckets"]] == ["b"]


def test_a_refresh_that_is_repeated_at_the_other_gives_the_same_session(here: Visitor, there: Visitor) -> None:
    body = {"refreshToken": log_in(here.server, here.email).json["refreshToken"]}

    found = [ask(person.server, "POST", "/v1/auth/refresh", body) for person in (here, there)]

    assert [answer.status for answer in found] == [200, 200]
    assert found[0].json["refreshToken"] == found[1].json["refreshToken"]


def test_an_email_that_signs_up_at_both_has_one_account(servers: list[LiveServer]) -> None:
    body = {"email": f"{new_id()}@example.com", "password": PASSWORD}

    found = together(4, lambda number: ask(servers[number % 2], "POST", "/v1/auth/register", body).status)

    assert Counter(found) == {201: 1, 409: 3}


@pytest.mark.threat(row=10)
def test_wrong_guesses_are_counted_by_both_together_and_the_owner_gets_in_at_either(
    servers: list[LiveServer], here: Visitor
) -> None:
    log_in(servers[0], here.email, address=ELSEWHERE)  # from then on it is known there
    guessed = f"{new_id()}@example.com"

    found = [log_in(servers[number % 2], guessed, address=ELSEWHERE).status for number in range(PER_NETWORK + 2)]

    assert found == [401] * PER_NETWORK + [429] * 2
    assert [log_in(server, here.email, address=ELSEWHERE).status for server in servers] == [200, 200]
    stranger = sign_up(servers[1], f"{new_id()}@example.com")
    assert [log_in(server, stranger.email, address=ELSEWHERE).status for server in servers] == [429, 429]


@pytest.mark.threat(row=52)
def test_an_account_that_is_filled_at_one_is_full_at_the_other(
    here: Visitor, there: Visitor, shared_settings: Settings
) -> None:
    assert here.ask("POST", "/v1/buckets", {"name": "x"}).status == 201  # and this one may add some without a look
    user_id = here.ask("GET", "/v1/users/me").json["id"]
    insert_rows(shared_settings, buckets, bucket_rows(user_id, BUCKETS.most - 2))
    assert there.ask("POST", "/v1/buckets", {"name": "x"}).status == 201

    time.sleep(ALLOWANCE_SECONDS)  # nobody fills an account in less

    assert [one.ask("POST", "/v1/buckets", {"name": "x"}).json["code"] for one in (here, there)] == [
        "limit_reached"
    ] * 2

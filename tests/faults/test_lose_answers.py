"""Lost answers and retries at the same moment: nothing is done twice, nothing is overwritten unseen."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from random import Random
from uuid import uuid4

import pytest

from tests.concurrency import together
from tests.conftest import Tell
from tests.faults.cutting_proxy import CuttingProxy, Lost, cutting_proxy
from tests.patience import LONG
from tests.servers import LiveServer
from tests.serving.wire import PASSWORD, Visitor, ask, ask_on, sign_up

pytestmark = pytest.mark.slow

CREATES = 500
CUT_SHARE = 0.3
TRIES = 30  # of one create: that so many answers are lost in a row does not happen
AT_ONCE = 10
ROUNDS = 20 if int(os.environ.get("CUTS", "5")) >= 50 else 1  # each hashes 50 passwords
VARIANTS = [
    "jos\u00e9{}@example.com",
    "JOS\u00c9{}@example.com",
    "jose\u0301{}@Example.com",
    "JOSE\u0301{}@EXAMPLE.COM",
]


@pytest.fixture
def somebody(live_server: LiveServer) -> Visitor:
    return sign_up(live_server)


@pytest.fixture
def proxy(live_server: LiveServer) -> Iterator[CuttingProxy]:
    with cutting_proxy(live_server.port, CUT_SHARE, Random()) as running:
        yield running


@pytest.fixture
def bucket_id(somebody: Visitor) -> str:
    made: str = somebody.ask("POST", "/v1/buckets", {"name": "Far away"}).json["id"]
    return made


def create(port: int, path: str, token: str, key: str, name: str) -> Lost:
    """Sent again with its key until there is an answer."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    for _ in range(TRIES):
        with closing(HTTPConnection("127.0.0.1", port, timeout=LONG)) as line:
            try:
                answer = ask_on(line, "POST", path, {"name": name}, **headers)
            except (OSError, HTTPException):
                continue
            return Lost(answer.status, answer.body)
    raise AssertionError("There was never an answer.")


def all_names(somebody: Visitor, path: str) -> list[str]:
    names: list[str] = []
    following = f"{path}?limit=100"
    while following:
        page = somebody.ask("GET", following).json
        names += [item["name"] for item in page["items"]]
        following = page["next"]
    return names


def test_of_500_creates_whose_answers_get_lost_each_is_done_once(
    somebody: Visitor, bucket_id: str, proxy: CuttingProxy, tell: Tell
) -> None:
    path = f"/v1/buckets/{bucket_id}/items"
    keys = {f"item {number}": str(uuid4()) for number in range(CREATES)}

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = dict(
            zip(
                keys,
                threads.map(lambda name: create(proxy.port, path, somebody.token, keys[name], name), keys),
                strict=True,
            )
        )

    lost = sum(map(len, proxy.lost.values()))
    names = all_names(somebody, path)
    tell(f"{CREATES} creates, {lost} answers lost: {len(names)} rows")
    assert lost > CREATES * CUT_SHARE / 2
    assert sorted(names) == sorted(keys)
    assert {answer.status for answer in answers.values()} == {201}
    for name, key in keys.items():
        assert set(proxy.lost.get(key, [])) <= {answers[name]}, "an answer that was lost is given again as it was"


def test_of_a_thousand_changes_by_twenty_people_none_is_overwritten_unseen(
    somebody: Visitor, bucket_id: str, live_server: LiveServer, tell: Tell
) -> None:
    path = f"/v1/items/{somebody.ask('POST', f'/v1/buckets/{bucket_id}/items', {'name': '0'}).json['id']}"
    headers = {"Authorization": f"Bearer {somebody.token}"}

    def count_up(_: int) -> Counter[int]:
        statuses: Counter[int] = Counter()
        with closing(HTTPConnection("127.0.0.1", live_server.port, timeout=LONG)) as line:
            seen = ask_on(line, "GET", path, **headers)
            for _ in range(50):
                one_more = {"name": str(int(seen.json["name"]) + 1)}
                changed = ask_on(line, "PATCH", path, one_more, If_Match=seen.headers["etag"], **headers)
                statuses[changed.status] += 1
                seen = changed if changed.status == 200 else ask_on(line, "GET", path, **headers)
        return statuses

    statuses = sum(together(20, count_up), Counter[int]())

    name = somebody.ask("GET", path).json["name"]
    tell(f"20 × 50 changes of one item: {statuses[200]} × 200, {statuses[412]} × 412; it counted to {name}")
    assert set(statuses) <= {200, 412}
    assert statuses.total() == 1000
    assert int(name) == statuses[200] > 0


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_fifty_who_sign_up_with_one_email_one_gets_an_account(
    live_server: LiveServer, turn: int, tell: Tell
) -> None:
    tag = uuid4().hex[:8]

    def register(number: int) -> list[int]:
        body = {"email": VARIANTS[number % 4].format(tag), "password": PASSWORD}
        told = [ask(live_server, "POST", "/v1/auth/register", body).status]
        while told[-1] == 503:  # a machine so busy that 50 passwords are not hashed in 3 seconds
            told.append(ask(live_server, "POST", "/v1/auth/register", body).status)
        return told

    statuses = Counter(status for told in together(50, register) for status in told)

    tell(f"50 sign up at once with one email: {dict(statuses)}")
    del statuses[503]
    assert statuses == {201: 1, 409: 49}

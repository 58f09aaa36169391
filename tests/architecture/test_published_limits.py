"""Boundary tests of each limit that is published: so much is taken, one more is refused, and a thousandfold as well.

Limits that count attempts, rows or time are tested where they are counted; `handbook/operations.md` lists them all.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from werkzeug.test import TestResponse

from bucketlist.auth import passwords, tokens
from bucketlist.buckets.quotas import BUCKETS
from bucketlist.buckets.schemas import BucketIn
from bucketlist.entries.quotas import ENTRIES
from bucketlist.items.quotas import ITEMS
from bucketlist.items.schemas import ItemIn
from bucketlist.kit import queues
from bucketlist.kit.db import address, pool, pruning, shares, sqlite
from bucketlist.kit.db.driver import STATEMENT_SECONDS
from bucketlist.kit.http.requests import MAX_QUERY_BYTES
from bucketlist.kit.schemas import LEAST_BODY_BYTES, most_body_bytes
from bucketlist.limits import bounds, idempotency, storage
from bucketlist.mail import notifications, queries
from bucketlist.purging import service as purging
from bucketlist.server import connections, granian
from bucketlist.sessions.quotas import MOST_SESSIONS, MOST_TOKENS
from bucketlist.web.blueprint import MAX_FORM_BYTES
from tests.people import Person

PAGE = (Path(__file__).parents[2] / "handbook" / "operations.md").read_text()
LIMITS = PAGE.partition("\n## Rate limits, quotas and body limits\n")[2].partition("\n## ")[0]


MAX_BUCKET = most_body_bytes(BucketIn)


class Limit(NamedTuple):
    """So many, in a request that `send` makes: the status at the limit and beyond it."""

    most: int
    send: Callable[[Person, int], TestResponse]
    taken: int
    refused: set[int]


def raw(person: Person, body: bytes) -> TestResponse:
    headers = {"Authorization": f"Bearer {person.access_token}", "Content-Type": "application/json"}
    return person.client.post("/v1/buckets", data=body, headers=headers)


def named(**fields: str) -> dict[str, str]:
    return {"name": "x", **fields}


def new_password(person: Person, length: int) -> TestResponse:
    return person.put("/v1/auth/password", {"currentPassword": person.password, "newPassword": "ü" * length})


TOO_LONG = {422, 413}  # a thousandfold it is a body that is too large
TAKEN = {
    "a body": Limit(MAX_BUCKET, lambda who, size: raw(who, b'{"name": "x"}'.ljust(size)), 201, {413}),
    "a form": Limit(
        MAX_FORM_BYTES, lambda who, size: who.client.post("/reset", data={"token": "x" * (size - 6)}), 422, {413}
    ),
    "a page": Limit(100, lambda who, size: who.get(f"/v1/items?limit={size}"), 200, {422}),
    "a search": Limit(200, lambda who, size: who.get(f"/v1/items?q={'x' * size}"), 200, {422, 414}),
    "a name": Limit(200, lambda who, size: who.post("/v1/buckets", named(name="ü" * size)), 201, TOO_LONG),
    "a description": Limit(
        20_000, lambda who, size: who.post("/v1/buckets", named(description="ü" * size)), 201, TOO_LONG
    ),
    "an Idempotency-Key": Limit(
        255, lambda who, size: who.post("/v1/buckets", named(), Idempotency_Key="k" * size), 201, {422}
    ),
    "a password": Limit(256, new_password, 204, TOO_LONG),
    "a token": Limit(1024, lambda who, size: who.post("/v1/auth/refresh", {"refreshToken": "x" * size}), 401, TOO_LONG),
    "a request id": Limit(128, lambda who, size: who.get("/healthz", X_Request_Id="x" * size), 200, {200}),
}


NUMBERS = {
    f"{bounds.PER_NETWORK} in {bounds.WINDOW_SECONDS // 60} minutes from one network",
    f"{bounds.WIDER} times as many from an IPv6 /48",
    f"{bounds.ACCOUNT_FROM_NETWORK} an hour from one network, {bounds.ACCOUNT_FROM_STRANGERS} from all",
    f"{bounds.IN_ALL:,} in {bounds.WINDOW_SECONDS // 60} minutes in all",
    f"{bounds.ACCOUNT_FROM_KNOWN} an hour from a network",
    f"{bounds.PER_SESSION} in {bounds.WINDOW_SECONDS // 60} minutes in one session",
    f"{bounds.LOG_INS} in {bounds.WINDOW_SECONDS // 60} minutes for an account, {bounds.LOG_INS_FROM_NETWORK} from",
    f"{bounds.SIGN_UPS} an hour from one network, {bounds.SIGN_UPS_IN_ALL:,} in all",
    f"{bounds.RESETS_FROM_NETWORK} a day from one network, {bounds.RESETS} in all; then {bounds.SPARE_RESETS} an hour",
    f"{bounds.OTHER_LETTERS} a day, until it is confirmed",
    f"{bounds.LINKS_FROM_NETWORK} an hour from one network",
    f"{passwords.HASHES_AT_ONCE} at once, {passwords.MOST_WAITING} wait",
    f"whoever is known has a head start of {queues.HEAD_START};",
    f"{LEAST_BODY_BYTES // 1024} KiB below `/v1/auth` and of a form",
    f"{MAX_BUCKET // 1024} KiB of a bucket, {most_body_bytes(ItemIn) // 2**20} MiB of an item",
    f"{MAX_QUERY_BYTES // 1024} KiB",
    f"{connections.HEAD_SECONDS:.0f} seconds to begin it",
    f"{connections.BODY_SECONDS:.0f} seconds to come",
    f"counted every {connections.WRITE_SECONDS:.0f} seconds",
    f"one of a worker’s {granian.BLOCKING_THREADS} threads",
    f"{queries.MOST_LETTERS} of each kind; the first are kept",
    f"{tokens.ACCESS_SECONDS // 60} minutes; {tokens.REFRESH_DAYS} days since its last refresh",
    f"{BUCKETS.most:,} buckets, {ITEMS.most:,} items, {ENTRIES.most:,} entries of all items",
    f"{MOST_TOKENS} personal tokens that live",
    f"{storage.MOST_BYTES // 2**20} MiB of UTF-8, each text with its folded copy if it has one",
    f"in rows that have more than {storage.COUNTED_ABOVE // 1024} KiB of it",
    f"{MOST_SESSIONS}; signing in once more ends",
    f"{idempotency.KEPT_HOURS} hours; {idempotency.KEPT_ANSWERS.most:,} of one person",
    f"waits {pool.WAIT_SECONDS:.0f} seconds for one",
    f"waits {sqlite.BUSY_TIMEOUT_MS // 1000} seconds for its turn",
    f"{STATEMENT_SECONDS} seconds, on both databases, then 503",
    f"{pruning.BATCH:,} rows a batch, each committed; a request spends {purging.SECONDS:.0f} seconds on it",
    f"the rest waits {shares.WAIT_SECONDS:.0f} seconds for its turn",
    f"{shares.MOST_WAITING} more wait {shares.WAIT_SECONDS:.0f} seconds",
    f"a statement waits {address.OPTIONS['lock_timeout'].removesuffix('s')} seconds",
}


@pytest.mark.threat(row=29)
@pytest.mark.parametrize("what", TAKEN)
def test_so_much_is_taken_and_not_one_more(ada: Person, what: str) -> None:
    limit = TAKEN[what]

    found = [limit.send(ada, size).status_code for size in (limit.most, limit.most + 1, limit.most * 1000)]

    assert found[0] == limit.taken
    assert set(found[1:]) <= limit.refused


def test_the_page_of_limits_tells_the_numbers_of_the_code() -> None:
    assert {text for text in NUMBERS if text not in LIMITS} == set()
    assert notifications.LINK_MINUTES == {"reset": 60, "confirm": 7 * 24 * 60}


def test_every_limit_of_the_page_has_its_figure() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", LIMITS, re.MULTILINE)[1:]

    assert len(rows) >= 15
    assert [what for what, limit in rows[1:] if not re.search(r"\d|an hour|one at a time", limit)] == []

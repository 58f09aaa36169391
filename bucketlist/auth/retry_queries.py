"""The SQL of what is counted and what is remembered of requests: attempts, and answers kept for a retry."""

from functools import cache
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import IS_LIVE, LIVE
from bucketlist.auth.actor import Actor
from bucketlist.kit.db import Statement, Value, execute
from bucketlist.models import attempts, blacklisted_tokens, idempotency_keys, refresh_tokens, sessions


class Attempts(NamedTuple):
    key: str
    attempt_count: int
    window_ends_at: str


class KeptAnswer(NamedTuple):
    request_hash: str
    status: int
    headers: str
    body: str


KEYS = ("key_0", "key_1", "key_2")
_IS_OVER = attempts.c.window_ends_at <= bindparam("now")


@cache
def count_statement(keys: int) -> Statement:
    """Counts under so many keys, each with a window of its own."""
    rows = [{"key": bindparam(key), "count": 1, "window_ends_at": bindparam(f"{key}_ends_at")} for key in KEYS[:keys]]
    counted = insert(attempts).values(rows)
    return Statement(
        counted.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((_IS_OVER, 1), else_=attempts.c.count + 1),
                "window_ends_at": case((_IS_OVER, counted.excluded.window_ends_at), else_=attempts.c.window_ends_at),
            },
        ).returning(attempts.c.key, attempts.c.count, attempts.c.window_ends_at)
    )


_THESE = attempts.c.key.in_([bindparam(key) for key in KEYS])
ATTEMPTS = Statement(select(attempts.c.key, attempts.c.count, attempts.c.window_ends_at).where(_THESE, ~_IS_OVER))
_locked = select(attempts.c.key).where(_THESE).order_by(attempts.c.key).with_for_update()  # in the order of the count

FORGIVE = Statement(
    update(attempts).where(attempts.c.key.in_(_locked), attempts.c.count > 0).values(count=attempts.c.count - 1)
)
FORGET = Statement(delete(attempts).where(_THESE))

_keys = idempotency_keys
_claim = insert(_keys).from_select(
    ["user_id", "key", "request_hash", "created_at"],
    select(
        sessions.c.user_id,
        bindparam("key", type_=_keys.c.key.type),
        bindparam("request_hash", type_=_keys.c.request_hash.type),
        bindparam("now", type_=_keys.c.created_at.type),
    ).where(IS_LIVE),
)
CLAIM_KEY = Statement(
    _claim.on_conflict_do_update(  # a key that is older than a day is as good as new
        index_elements=["user_id", "key"],
        set_={"request_hash": _claim.excluded.request_hash, "created_at": _claim.excluded.created_at},
        where=_keys.c.created_at < bindparam("forgotten_before"),
    ).returning(_keys.c.key)
)
KEPT_ANSWER = Statement(
    select(_keys.c.request_hash, _keys.c.status, _keys.c.headers, _keys.c.body).select_from(
        LIVE.outerjoin(_keys, and_(access.owned(_keys), _keys.c.key == bindparam("key")))
    )
)
KEEP_ANSWER = Statement(
    update(_keys)
    .where(access.owned(_keys), _keys.c.key == bindparam("wanted_key"))
    .values(status=bindparam("status"), headers=bindparam("headers"), body=bindparam("body"))
)

BLACKLIST = Statement(
    insert(blacklisted_tokens)
    .values({name: bindparam(name) for name in ("user_id", "id", "expires_at")})
    .on_conflict_do_nothing(index_elements=["user_id", "id"])
)

PRUNE = [  # what has had its time, of everybody
    Statement(delete(blacklisted_tokens).where(blacklisted_tokens.c.expires_at < bindparam("now"))),
    Statement(delete(refresh_tokens).where(refresh_tokens.c.expires_at < bindparam("now"))),
    Statement(delete(sessions).where(sessions.c.expires_at < bindparam("now"))),
    Statement(delete(attempts).where(attempts.c.window_ends_at < bindparam("now"))),
    Statement(delete(_keys).where(_keys.c.created_at < bindparam("forgotten_before"))),
]

NOTE_USE = Statement(
    update(sessions)
    .where(access.owned(sessions), sessions.c.token_hash == bindparam("token_hash"))
    .values(last_used_at=bindparam("now"))
)


def blacklist(user_id: str, token_id: str, expires_at: str) -> None:
    execute(BLACKLIST, {"user_id": user_id, "id": token_id, "expires_at": expires_at})


def note_use(actor: Actor) -> None:
    """The personal token of `actor` was used now."""
    execute(NOTE_USE, access.values(actor))


def count_attempt(window_ends: dict[str, str], now: str) -> list[Attempts]:
    """One more attempt under each of up to three keys, and how many that makes in the present window.

    `window_ends` says when a window ends that begins now, by the key.
    """
    values = {"now": now}
    for place, (key, ends_at) in zip(KEYS, window_ends.items(), strict=False):
        values |= {place: key, f"{place}_ends_at": ends_at}
    return [Attempts._make(row) for row in execute(count_statement(len(window_ends)), values)]


def read_attempts(keys: list[str], now: str) -> list[Attempts]:
    """How many attempts there have been under each of three keys, if any, in the present window."""
    return [Attempts._make(row) for row in execute(ATTEMPTS, {**_named(keys), "now": now})]


def forgive_attempt(keys: list[str]) -> None:
    execute(FORGIVE, _named(keys))


def forget_attempts(keys: list[str]) -> None:
    execute(FORGET, _named(keys))


def _named(keys: list[str]) -> dict[str, str]:
    return dict(zip(KEYS, keys, strict=True))


def claim_key(actor: Actor, key: str, request_hash: str, forgotten_before: str) -> bool:
    """Is this the first request with `key`? On PostgreSQL it waits for a twin that is at work."""
    values = access.values(actor, key=key, request_hash=request_hash, forgotten_before=forgotten_before)
    return bool(execute(CLAIM_KEY, values))


def get_kept_answer(actor: Actor, key: str) -> KeptAnswer:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    return KeptAnswer._make(access.refuse_dead(execute(KEPT_ANSWER, access.values(actor, key=key)))[0])


def keep_answer(actor: Actor, key: str, status: int, headers: str, body: str) -> None:
    kept: dict[str, Value] = {"status": status, "headers": headers, "body": body}
    execute(KEEP_ANSWER, {"user_id": actor.user_id, "wanted_key": key, **kept})


def prune(now: str, forgotten_before: str) -> None:
    """Remove what has expired: blacklisted tokens, refresh tokens, sessions, attempts, kept answers."""
    for statement in PRUNE:
        execute(statement, {"now": now, "forgotten_before": forgotten_before})

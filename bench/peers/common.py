"""Settings and helpers of every benchmark peer: where the database is, tokens, passwords, ids."""

import os
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from uuid_utils.compat import uuid7

DATABASE_URL = os.environ["DATABASE_URL"]
TOKEN_KEY = bytes.fromhex(os.environ["TOKEN_KEY"])
POOL_SIZE = 8  # connections, as bucketlist has them
PLAN_ONCE = {"plan_cache_mode": "force_generic_plan"}  # a prepared statement is not planned anew for each value
ACCESS_SECONDS = 15 * 60
SESSION_DAYS = 30
MAX_COUNT = 10_000

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Claims(NamedTuple):
    """Whose token it is; that it was not revoked is for the database to say."""

    user_id: str
    session_id: str
    token_id: str
    expires_at: int


def read_token(token: str) -> Claims:
    """Raises: `jwt.InvalidTokenError` unless the signature, the issuer, the audience and the expiry are right."""
    claims = jwt.decode(token, TOKEN_KEY, algorithms=["HS256"], audience="bucketlist", issuer="bucketlist")
    return Claims(claims["sub"], claims["sid"], claims["jti"], claims["exp"])


def issue_token(user_id: UUID | str, session_id: UUID | str) -> str:
    issued_at = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": "bucketlist",
        "aud": "bucketlist",
        "sub": str(user_id),
        "sid": str(session_id),
        "jti": str(uuid7()),
        "iat": issued_at,
        "exp": issued_at + ACCESS_SECONDS,
    }
    return jwt.encode(claims, TOKEN_KEY, algorithm="HS256", headers={"typ": "at+jwt"})


async def keep_as_it_is(connection: object) -> None:
    """The `reset` of an asyncpg pool, whose own resets a connection by a round trip after each statement.

    Needed only by who leaves something on a connection (a setting, a lock, a cursor), which no peer does.
    Source: https://magicstack.github.io/asyncpg/current/api/index.html#connection-pools
    """


def verify_password(password: str, password_hash: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except VerificationError:
        return False


def new_id() -> UUID:
    return uuid7()


def now() -> datetime:
    return datetime.now(UTC)


def session_end() -> datetime:
    return now() + timedelta(days=SESSION_DAYS)


def fold(text: str) -> str:
    """The copy of a text that searches are made on."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def containing(words: str) -> str:
    """The LIKE pattern for everything that holds `words`, taken literally; its escape character is the backslash."""
    literal = fold(words).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"

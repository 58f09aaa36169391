"""Access tokens (JWT) and refresh tokens: issued, verified, rotated. Pure; the keys are arguments.

Source: RFC 7519 (JWT), RFC 8725 (its best current practices), RFC 9068 (`at+jwt`).
"""

import hashlib
import hmac
import secrets
import time
from threading import Lock
from typing import Any

import jwt

from bucketlist.auth.actor import Actor
from bucketlist.kit import base64url
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.ids import is_id

ACCESS_SECONDS = 15 * 60
REFRESH_DAYS = 30
GRACE_SECONDS = 10
LEEWAY_SECONDS = 30  # of clocks that differ, for tokens that seem to come from the future; none lives longer for it
MAX_TOKEN_LENGTH = 1024
REMEMBERED_TOKENS = 10_000
ISSUER = AUDIENCE = "bucketlist"
TYPE = "at+jwt"
REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]


def hash_token(token: str) -> str:
    """What is stored of an opaque token: it holds 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessTokens:
    """Issues access tokens, and reads them: the signature once, the expiry each time."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._actors: dict[str, Actor] = {}
        self._changing = Lock()

    def issue(self, actor: Actor) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": actor.user_id,
            "sid": actor.session_id,
            "jti": actor.token_id,
            "iat": actor.expires_at - ACCESS_SECONDS,
            "exp": actor.expires_at,
        }
        return jwt.encode(claims, self._key, algorithm="HS256", headers={"typ": TYPE})

    def read(self, token: str) -> Actor:
        """The actor that the token was issued to.

        Raises: `Unauthorized`, in the same words whatever is wrong.
        """
        actor = self._actors.get(token)
        if actor is None:
            actor = self._verify(token)
            self._remember(token, actor)
        if actor.expires_at <= time.time():
            raise Unauthorized(token_was_sent=True)
        return actor

    def _verify(self, token: str) -> Actor:
        if len(token) > MAX_TOKEN_LENGTH or not _is_canonical(token):
            raise Unauthorized(token_was_sent=True)
        try:
            decoded = jwt.decode_complete(
                token,
                self._key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED, "strict_aud": True},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError):
            raise Unauthorized(token_was_sent=True) from None
        claims = decoded["payload"]
        if decoded["header"].get("typ") != TYPE or not _is_of_ours(claims):
            raise Unauthorized(token_was_sent=True)
        return Actor(claims["sub"], claims["sid"], claims["jti"], claims["exp"])

    def _remember(self, token: str, actor: Actor) -> None:
        with self._changing:
            while len(self._actors) >= REMEMBERED_TOKENS:
                del self._actors[next(iter(self._actors))]
            self._actors[token] = actor


def _is_of_ours(claims: dict[str, Any]) -> bool:
    """Are the claims of the kind, and the lifetime no longer than, what we issue?"""
    times = (claims["iat"], claims["exp"])
    if not all(type(moment) is int for moment in times):
        return False
    ids = (claims["sub"], claims["sid"], claims["jti"])
    return all(isinstance(name, str) and is_id(name) for name in ids) and times[1] - times[0] <= ACCESS_SECONDS


def _is_canonical(token: str) -> bool:
    """Of the texts that decode to the same bytes only one is the token (RFC 4648 section 3.5)."""
    try:
        for part in token.split("."):
            base64url.decode(part)
    except ValueError:
        return False
    return True


def new_refresh_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def next_refresh_token(token: str, key: bytes) -> str:
    """Rotation: the successor of `token`, always the same, so that a lost reply can be asked for again; unguessable."""
    return base64url.encode(hmac.digest(key, token.encode(), "sha256"))

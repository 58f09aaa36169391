"""Session cookies, for people in a browser: signed, and worth as much as the session in the database that they name.

A cookie says whose session it is and which, so that the guard can refuse one that is forged without asking the
database. That the session still lives is part of the statement that fetches the data, as it is for access tokens. With
it comes a CSRF token, which every form of that session carries.
"""

import hmac
import secrets
from uuid import UUID

from bucketlist.auth.actor import Actor
from bucketlist.auth.tokens import ACCESS_SECONDS, REFRESH_DAYS
from bucketlist.kit import base64url, clock
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.throttle import Throttle

MAC_BYTES = 16
LENGTH = 16 + 16 + MAC_BYTES  # user, session, signature
KEPT_SECONDS = REFRESH_DAYS * 24 * 3600  # since its last use
NOTED_EVERY_SECONDS = 600.0  # or every page would be a write


class CookieSessions:
    """Issues and reads the cookies of sessions, and the CSRF tokens that belong to them, with one key for each."""

    def __init__(self, key: bytes, csrf_key: bytes) -> None:
        self._key = key
        self._csrf_key = csrf_key
        self._noted = Throttle(NOTED_EVERY_SECONDS)

    def issue(self, actor: Actor) -> str:
        """The cookie of the actor's session."""
        payload = UUID(actor.user_id).bytes + UUID(actor.session_id).bytes
        return base64url.encode(payload + _mac(self._key, payload))

    def read(self, cookie: str | None) -> Actor:
        """Who the cookie speaks for. Raises: `Unauthorized`, in the same words whatever is wrong."""
        try:
            data = base64url.decode(cookie or "")
        except ValueError:
            raise Unauthorized(token_was_sent=True) from None
        payload, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
        if len(data) != LENGTH or not hmac.compare_digest(mac, _mac(self._key, payload)):
            raise Unauthorized(token_was_sent=bool(cookie))
        user_id, session_id = str(UUID(bytes=payload[:16])), str(UUID(bytes=payload[16:]))
        return Actor(user_id, session_id, session_id, int(clock.now().timestamp()) + ACCESS_SECONDS)

    def csrf_token(self, actor: Actor) -> str:
        """What a form of this session carries, and no page of others can know.

        Another text each time, so that its place in a page that is compressed tells nothing of it (BREACH).
        """
        mask = secrets.token_bytes(MAC_BYTES)
        return base64url.encode(mask + _xor(mask, self._csrf_secret(actor)))

    def is_csrf_token(self, actor: Actor, token: str) -> bool:
        """Is it one that `csrf_token` made for this session?"""
        try:
            data = base64url.decode(token)
        except ValueError:
            return False
        found = _xor(data[:MAC_BYTES], data[MAC_BYTES:])
        return len(data) == 2 * MAC_BYTES and hmac.compare_digest(found, self._csrf_secret(actor))

    def _csrf_secret(self, actor: Actor) -> bytes:
        return _mac(self._csrf_key, UUID(actor.session_id).bytes)

    def is_note_due(self, actor: Actor) -> bool:
        """Is it a while ago that this session's use was written down? It is now."""
        return self._noted.is_due(actor.session_id)


def _xor(mask: bytes, data: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, data, strict=False))


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")[:MAC_BYTES]

"""Personal access tokens (API keys), for scripts: opaque, signed, and stored only as a hash.

A token says, for us alone, whose it is, which it is and what it may do, so that the guard can refuse one that is forged
or too small without asking the database, and the statement that fetches the data can ask whether it still lives.
"""

import hmac
import secrets
from uuid import UUID

from bucketlist.auth.actor import Actor, Scope
from bucketlist.auth.tokens import hash_token
from bucketlist.kit import base64url
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.throttle import Throttle

PREFIX = "blt_"
SECRET_BYTES = MAC_BYTES = 16
LENGTH = 1 + 16 + 16 + SECRET_BYTES + MAC_BYTES  # scope, user, token, secret, signature
LETTERS: dict[bytes, Scope] = {b"r": "read", b"w": "write"}
NOTED_EVERY_SECONDS = 60.0  # or every read would be a write
FOR_EVER = 2**62  # seconds since 1970; when it expires is for the database to say


class PersonalTokens:
    """Issues personal tokens and reads them, with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._noted = Throttle(NOTED_EVERY_SECONDS)

    def issue(self, user_id: str, token_id: str, scope: Scope) -> tuple[str, str]:
        """A new token, which is shown once, and its hash, which is kept."""
        letter = next(letter for letter, meant in LETTERS.items() if meant == scope)
        payload = letter + UUID(user_id).bytes + UUID(token_id).bytes + secrets.token_bytes(SECRET_BYTES)
        token = PREFIX + base64url.encode(payload + self._sign(payload))
        return token, hash_token(token)

    def read(self, token: str) -> Actor:
        """Who the token speaks for. Raises: `Unauthorized`, in the same words whatever is wrong."""
        try:
            data = base64url.decode(token.removeprefix(PREFIX))
        except ValueError:
            raise Unauthorized(token_was_sent=True) from None
        payload, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
        scope = LETTERS.get(payload[:1])
        if len(data) != LENGTH or scope is None or not hmac.compare_digest(mac, self._sign(payload)):
            raise Unauthorized(token_was_sent=True)
        user_id, token_id = str(UUID(bytes=payload[1:17])), str(UUID(bytes=payload[17:33]))
        return Actor(user_id, token_id, token_id, FOR_EVER, scope, hash_token(token))

    def is_note_due(self, actor: Actor) -> bool:
        """Throttle writes of last use: is it a while ago that this token's use was written down? It is now."""
        return self._noted.is_due(actor.token_id)

    def _sign(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:MAC_BYTES]

"""Benchmark server of bucketlist: run as in production, with tokens made by its own code."""

import os
import time

from bench.world import World, session_id, user_id
from bucketlist.auth.actor import Actor
from bucketlist.auth.tokens import ACCESS_SECONDS, AccessTokens
from bucketlist.config import load_settings
from bucketlist.kit.ids import new_id

SECRET_KEY = "c41d97e05ab3628f7e0b53d9168ca2f4d57b0e9386f1c24a"  # opens nothing but the made-up people
TOKEN_KEY = load_settings(app_setting="production", secret_key=SECRET_KEY).key("access-token")
_tokens = AccessTokens(TOKEN_KEY)


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """What bucketlist is told in production; the limits are off, for all the load comes from one address."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    ours = {
        "APP_SETTING": "production",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": database_url,
        "WORKERS": "1",
        "RATELIMIT_ENABLED": "false",
    }
    return kept | ours | settings


def issue_token(user: int, *, token_id: str | None = None, lifetime_seconds: int = ACCESS_SECONDS) -> str:
    """An access token of this user's session. A negative lifetime makes one that has expired."""
    ends_at = int(time.time()) + lifetime_seconds
    return _tokens.issue(Actor(user_id(user), session_id(user), token_id or new_id(), ends_at))


class Tokens:
    """One token a person, made anew before they expire."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: list[str] = []
        self._made_at = 0.0

    def fresh(self, seconds: float) -> list[str]:
        """The token of each person; all are good for `seconds` at least."""
        if time.time() - self._made_at > ACCESS_SECONDS - seconds - 10:
            self._tokens = [issue_token(user) for user in range(self._world.people)]
            self._made_at = time.time()
        return self._tokens

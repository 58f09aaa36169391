"""The authenticated principal: who is asking."""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["full", "read", "write"]


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated principal: the token's signature was right; that it still lives is for the database to say."""

    user_id: str
    session_id: str
    token_id: str
    expires_at: int  # seconds since 1970
    scope: Scope = "full"  # a person's; a personal token reads, or reads and writes
    token_hash: str | None = None  # of a personal token

"""Password hashing, made cheap: tests wait for thousands of hashes, and nearly all are about something else."""

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from bucketlist.accounts import recovery
from bucketlist.auth import passwords

_dear = passwords._hasher, passwords.HASH_OF_NOBODY
_cheap_hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
_cheap = _cheap_hasher, _cheap_hasher.hash("the password of nobody")


def _use(patch: pytest.MonkeyPatch, hasher: Argon2Hasher, hash_of_nobody: str) -> None:
    patch.setattr(passwords, "_hasher", hasher)
    for module in (passwords, recovery):
        patch.setattr(module, "HASH_OF_NOBODY", hash_of_nobody)


def cheap_hash(password: str) -> str:
    return _cheap_hasher.hash(password)


def hash_cheaply() -> None:
    """In this process, from now on; servers that tests start are as they are shipped."""
    _use(pytest.MonkeyPatch(), *_cheap)


@pytest.fixture
def dear_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are outside."""
    _use(monkeypatch, *_dear)

"""Passwords: which are refused, and how they are hashed.

Source: NIST SP 800-63B section 5.1.1.2; OWASP Password Storage Cheat Sheet (argon2id, 19 MiB, t=2, p=1).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher

from bucketlist.kit.errors import Unavailable

HASHES_AT_ONCE = 2  # each takes 19 MiB and a core for some 20 ms
WAIT_SECONDS = 3.0
# Of what nobody knows, with the parameters below: it stands in for an account that does not exist.
HASH_OF_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$PoqpP1q0Vni2/rLPVXvpVA$whqAV6JIV/7dDIVIm5Rq3/CV75No4QzLeXPjcmMc77U"

_hasher = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hashers = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="hashing")

T = TypeVar("T")


def hash_password(password: str) -> str:
    """Raises: `Unavailable` when too many hashes are wanted at once."""
    return _in_turn(lambda: _hasher.hash(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Is it the password of this hash? Without a hash (no such account) it takes as long to say no.

    Raises: `Unavailable` when too many hashes are wanted at once.
    """
    wanted = password_hash or HASH_OF_NOBODY
    return _in_turn(lambda: _hasher.verify(password, wanted)) and password_hash is not None


def is_well_known(password: str) -> bool:
    """Is it among the passwords that everybody tries first?"""
    return password.lower() in _well_known()


@cache
def _well_known() -> frozenset[str]:
    return frozenset(files("bucketlist.auth").joinpath("well_known_passwords.txt").read_text().split("\n"))


def _in_turn(work: Callable[[], T]) -> T:
    """Always the same few threads: malloc keeps what a thread has used, and of 512 that would be 9 GiB."""
    hashing = _hashers.submit(work)
    try:
        return hashing.result(timeout=WAIT_SECONDS)
    except TimeoutError:
        if not hashing.cancel():
            return hashing.result()  # it has begun, so it is about to end
        raise Unavailable("Too many people sign in right now; try again shortly.") from None

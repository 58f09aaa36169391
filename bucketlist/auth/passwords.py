"""Passwords: which are refused, and how they are hashed.

Source: NIST SP 800-63B section 5.1.1.2; OWASP Password Storage Cheat Sheet (argon2id, 19 MiB, t=2, p=1).
"""

from functools import cache
from importlib.resources import files

from pwdlib.hashers.argon2 import Argon2Hasher

from bucketlist.kit.meter import add_gauge
from bucketlist.kit.queues import FairQueue, Flow

HASHES_AT_ONCE = 2  # each takes 19 MiB and a core for some 20 ms
MOST_WAITING = 100  # more would wait in vain
WAIT_SECONDS = 3.0
OPERATOR = Flow("", "")  # who types a command
# Of what nobody knows, with the parameters below: it stands in for an account that does not exist.
HASH_OF_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$PoqpP1q0Vni2/rLPVXvpVA$whqAV6JIV/7dDIVIm5Rq3/CV75No4QzLeXPjcmMc77U"

_hasher = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hashers = FairQueue(HASHES_AT_ONCE, MOST_WAITING, "hashing")
add_gauge("password_hashes_wanted", "Passwords that are being hashed, or wait for it.", lambda: len(_hashers))


def hash_password(password: str, flow: Flow = OPERATOR) -> str:
    """Raises: `Unavailable` when too many hashes are wanted at once."""
    return _hashers.run(lambda: _hasher.hash(password), flow, WAIT_SECONDS)


def is_right(password: str, password_hash: str | None, flow: Flow = OPERATOR) -> bool:
    """Is it the password of this hash? Without a hash (no such account) it takes as long to say no.

    Raises: `Unavailable` when too many hashes are wanted at once.
    """
    wanted = password_hash or HASH_OF_NOBODY
    is_fitting = _hashers.run(lambda: _hasher.verify(password, wanted), flow, WAIT_SECONDS)
    return is_fitting and password_hash is not None


def is_well_known(password: str) -> bool:
    """Is it among the passwords that everybody tries first?"""
    return password.lower() in _well_known()


@cache
def _well_known() -> frozenset[str]:
    return frozenset(files("bucketlist.auth").joinpath("well_known_passwords.txt").read_text().split("\n"))

"""Password hashing (argon2id) and password policy: how passwords are kept, and which are refused.

Source: NIST SP 800-63B section 5.1.1.2; OWASP Password Storage Cheat Sheet (argon2id, 19 MiB, t=2, p=1).
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from pwdlib.hashers.argon2 import Argon2Hasher

from bucketlist.kit.emails import fold_email
from bucketlist.kit.metrics import add_gauge
from bucketlist.kit.queues import FairQueue, Flow
from bucketlist.kit.text import fold

HASHES_AT_ONCE = 2  # each takes 19 MiB and a core for some 20 ms
MOST_WAITING = 100  # more would wait in vain
WAIT_SECONDS = 3.0
BUSY = "Too many people sign in right now; try again shortly."
OPERATOR = Flow("", "", is_known=True)  # who types a command
# Of what nobody knows, with the parameters below: it stands in for an account that does not exist.
HASH_OF_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$PoqpP1q0Vni2/rLPVXvpVA$whqAV6JIV/7dDIVIm5Rq3/CV75No4QzLeXPjcmMc77U"

_hasher = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hashers = FairQueue(HASHES_AT_ONCE, MOST_WAITING, "hashing", BUSY)
add_gauge("password_hashes_wanted", "Passwords that are being hashed, or wait for it.", lambda: len(_hashers))


_other_spaces = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def normalise_password(password: str) -> str:
    """The password as any keyboard would have typed it: in NFC, each blank a plain space. No character is refused.

    Only for what is known to be short, as passwords are: it may hold marks in any number.

    Source: RFC 8265 section 4.2 (OpaqueString), but that all characters are allowed.
    """
    return password if password.isascii() else unicodedata.normalize("NFC", _other_spaces.sub(" ", password))


def hash_password(password: str, flow: Flow = OPERATOR) -> str:
    """Raises: `Unavailable` when too many hashes are wanted at once."""
    return _hashers.run(lambda: _hasher.hash(normalise_password(password)), flow, WAIT_SECONDS)


def verify_password(password: str, password_hash: str | None, flow: Flow = OPERATOR) -> bool:
    """Verify a password against its hash. Without one (no such account) it takes as long, against timing attacks.

    A hash may be of the password as it was typed, from before passwords were normalised; so that is tried as well.

    Raises: `Unavailable` when too many hashes are wanted at once.
    """
    wanted = password_hash or HASH_OF_NOBODY
    spellings = dict.fromkeys((normalise_password(password), password))
    return any(_verify(spelling, wanted, flow) for spelling in spellings) and password_hash is not None


def renew_hash(password: str, password_hash: str, flow: Flow = OPERATOR) -> str | None:
    """Rehash a password that is right, if the old one is of how it was typed; else None.

    Raises: `Unavailable` when too many hashes are wanted at once.
    """
    normal = normalise_password(password)
    return None if normal == password or _verify(normal, password_hash, flow) else hash_password(password, flow)


def is_like_email(password: str, email: str) -> bool:
    """Is the password the email, in any spelling?"""
    typed = normalise_password(password).strip()
    return fold(typed) == fold(email) or fold_email(typed) == fold_email(email)


def is_well_known(password: str) -> bool:
    """Is it a common password, of those that everybody tries first?"""
    return normalise_password(password).lower() in _well_known()


def _verify(password: str, password_hash: str, flow: Flow) -> bool:
    return _hashers.run(lambda: _hasher.verify(password, password_hash), flow, WAIT_SECONDS)


@cache
def _well_known() -> frozenset[str]:
    return frozenset(files("bucketlist.auth").joinpath("well_known_passwords.txt").read_text().split("\n"))

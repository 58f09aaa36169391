"""Cryptography: keys, hashes and random numbers are few, known, strong enough, and listed in the handbook."""

import base64
import re

import pytest

from bucketlist.auth.personal_tokens import MAC_BYTES, SECRET_BYTES
from bucketlist.auth.tokens import new_refresh_token
from bucketlist.config.strength import SECRET_KEY_BYTES
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.mail import notifications
from bucketlist.services import services_of
from tests.sources import PACKAGE, read_all
from tests.threats import PAGE

SOURCES = {file.name: file.text for file in read_all(PACKAGE)}
MANY = 10_000
WITHOUT_SECRETS = {  # pauses, made-up people, hours, the order of hosts
    *(
        "kit/optimistic_locking.py",
        "cli/dummy.py",
        "cli/dummy_stories.py",
        "cli/dummy_photos.py",
        "ops/housekeeping.py",
        "kit/db/failover.py",
    ),
}


def test_every_key_that_is_made_is_in_the_inventory() -> None:
    made = {key for text in SOURCES.values() for key in re.findall(r"\.key\(\"([a-z-]+)\"\)", text)}
    inventory = PAGE.partition("\n## Cryptography: keys and algorithms\n")[2].partition("\n## ")[0]

    assert made == set(re.findall(r"^\| `([a-z-]+)` \|", inventory, re.MULTILINE))
    used = {name for text in SOURCES.values() for name in re.findall(r"\b(sha\d+|HS\d+|argon2id)\b", text)}
    assert used == {"sha256", "HS256", "argon2id"}
    assert {"SHA-256", "HS256", "Argon2id"} <= set(re.findall(r"SHA-256|HS256|Argon2id", inventory))


def test_no_weak_hash_is_used() -> None:
    weak = r"\b(md5|sha1|sha224|crc32|adler32|blake2s|des|rc4|ecb|pbkdf2|bcrypt|crypt)\b"

    assert {file: found for file, text in SOURCES.items() if (found := re.findall(weak, text, re.IGNORECASE))} == {}


def test_chance_comes_from_the_system() -> None:
    other = {
        file for file, text in SOURCES.items() if re.search(r"^(import random|from random import)", text, re.MULTILINE)
    }

    assert other == WITHOUT_SECRETS
    assert not [file for file, text in SOURCES.items() if re.search(r"uuid4|os\.urandom|time\.time_ns", text)]


@pytest.mark.threat(row=15)
def test_every_token_has_its_bits(app: ApiApp) -> None:
    """As many as are told, and no two alike: of 128 random bits, two in ten thousand would be a miracle."""
    scripts = services_of(app).personal_tokens
    user, token = new_id(), new_id()
    refresh = {new_refresh_token() for _ in range(MANY)}
    personal = {scripts.issue(user, token, "read")[0] for _ in range(MANY)}

    assert len(refresh) == len(personal) == MANY
    assert {len(base64.urlsafe_b64decode(text + "=")) for text in refresh} == {32}
    assert min(SECRET_BYTES, MAC_BYTES, notifications.SEED_BYTES) * 8 >= 128
    assert SECRET_KEY_BYTES * 8 >= 256
    assert len(base64.urlsafe_b64decode(notifications.token_of("seed") + "=")) == 32
    for place in range(4):  # of the part that is random, every letter takes all values that it can
        assert len({text[place] for text in refresh}) == 64

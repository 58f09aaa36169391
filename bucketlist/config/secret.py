"""The secret key that development makes for itself."""

import fcntl
import os
import secrets
from pathlib import Path

from bucketlist.kit.strength import SECRET_KEY_BYTES


def kept_secret(folder: Path) -> str:
    """The random secret in `folder`, made on the first start and readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / "secret.key", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of several processes that start at the same moment, one makes it
        secret = file.read().strip()
        if not secret:
            secret = secrets.token_hex(SECRET_KEY_BYTES)
            file.write(secret)
        return secret

"""Secret key that development generates for itself."""

import fcntl
import os
import secrets
from pathlib import Path

from bucketlist.config.strength import SECRET_KEY_BYTES
from bucketlist.kit.files import make_folder, open_private, sync_folder

KEY_FILE = "secret.key"


def kept_secret(folder: Path) -> str:
    """The random secret in `folder`, made on the first start, safe on the disk and readable by its owner only.

    Raises: `OSError`, `ValueError` when the file holds something else.
    """
    make_folder(folder)
    with os.fdopen(open_private(folder / KEY_FILE), "r+", encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of several processes that start at the same moment, one makes it
        secret = file.read().strip()
        if not secret:
            secret = secrets.token_hex(SECRET_KEY_BYTES)
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
            sync_folder(folder)
        if not (secret.isascii() and secret.isprintable()):
            raise ValueError(f"{folder / KEY_FILE} is damaged; remove it, and everybody signs in again")
        return secret

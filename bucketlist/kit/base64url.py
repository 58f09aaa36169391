"""base64url without padding: the alphabet that fits into addresses, and one text only for the same bytes.

Source: RFC 4648 section 5 (the alphabet), section 3.2 (no padding), section 3.5 (canonical encoding).
"""

import base64


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """What `encode` made `text` of. Raises: `ValueError` when that is not what it would make."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("This is not the one way to write these bytes.")
    return data

"""Object storage setting: what an operator's `FILES_URL` says.

Source: RFC 3986 (percent-encoding); Amazon S3, Bucket naming rules.
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from bucketlist.kit.hostnames import ascii_host, in_brackets
from bucketlist.kit.object_storage import ObjectStore

FORM = "must be s3://key:secret@host:port/bucket/folder; special characters of the secret are encoded, / as %2F"
REGION = "us-east-1"
OPTIONS = {"region": re.compile(r"[a-z0-9-]{1,64}"), "tls": re.compile("0")}
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FOLDER = re.compile(r"(?!\.\.?$)[A-Za-z0-9._~-]{1,200}")


def read_files_url(url: str) -> ObjectStore:
    """Raises: `ValueError`, which never tells the address: there may be a secret in any part of it."""
    try:
        parts = urlsplit(url)
        port = parts.port
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise ValueError(FORM) from None
    if parts.scheme != "s3":
        raise ValueError("must begin with s3://; leave it empty for a folder in DATA_DIR")
    if not parts.hostname or parts.fragment or url != url.strip() or port == 0:
        raise ValueError(FORM)
    options = dict(pairs)
    if len(options) < len(pairs) or any(not _is_option(name, value) for name, value in pairs):
        raise ValueError("takes no parameters but region=…, and tls=0 for a store without TLS")
    name, prefix = _place(parts.path)
    key_id, secret = _credentials(parts.username or "", parts.password or "")
    scheme = "http" if "tls" in options else "https"
    endpoint = f"{scheme}://{in_brackets(_host(parts.hostname))}{f':{port}' if port else ''}"
    return ObjectStore(endpoint, name, prefix, options.get("region", REGION), key_id, secret)


def check_files_url(url: str) -> str:
    """Give `url` back. Raises: `ValueError` unless it is empty or can be read."""
    if url:
        read_files_url(url)
    return url


def _is_option(name: str, value: str) -> bool:
    return name in OPTIONS and OPTIONS[name].fullmatch(value) is not None


def _place(path: str) -> tuple[str, str]:
    """The bucket, and the folder in it."""
    name, *folders = path.strip("/").split("/")
    if not BUCKET.fullmatch(name) or ".." in name:
        raise ValueError("must name a bucket behind the host: 3 to 63 lower-case letters, digits, dots and hyphens")
    if not all(FOLDER.fullmatch(folder) for folder in folders):
        raise ValueError("must name its folder in letters, digits and . _ ~ -")
    return name, "/".join(folders)


def _host(host: str) -> str:
    try:
        return ascii_host(host)
    except ValueError:
        raise ValueError("must name a host behind the @") from None


def _credentials(key_id: str, secret: str) -> tuple[str, str]:
    """Decoded. Raises: `ValueError`."""
    try:
        pair = unquote(key_id, errors="strict"), unquote(secret, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(FORM) from None
    if not all(text and text.isascii() and text.isprintable() and " " not in text for text in pair):
        raise ValueError(FORM)
    return pair

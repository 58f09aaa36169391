"""Static files, compressed and with cache busting: read once, and kept by browsers as long as their address holds."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, request

from bucketlist.kit.errors import NotFound
from bucketlist.kit.http.conditional import revalidated

PACKAGE = Path(__file__).parents[1]
STATIC_FOLDER = Path(__file__).parent / "static"
FINGERPRINT_LENGTH = 12
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "public, no-cache"
POLICY = "default-src 'none'; frame-ancestors 'none'"  # of what loads nothing
RUNS_BY_ITSELF = ("worker.js",)  # under its own policy, not under that of a page
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".png": "image/png",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
PACKED_ALREADY = (".ico", ".png", ".woff2")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's bytes, the same packed by gzip (or None where that gains nothing), its type, a hash of its bytes."""

    content: bytes
    packed: bytes | None
    content_type: str
    fingerprint: str


@cache
def read_asset(path: Path) -> Asset:
    content = path.read_bytes()
    packed = None if path.suffix in PACKED_ALREADY else gzip.compress(content, mtime=0)
    return Asset(content, packed, CONTENT_TYPES[path.suffix], fingerprint_of(content))


@cache
def static_files() -> dict[str, Path]:
    """The files of our own that are served, by their name below `static/` of a room; there are no others."""
    files = ((folder, path) for folder in sorted(PACKAGE.glob("*/static")) for path in folder.rglob("*"))
    wanted = {path.relative_to(folder).as_posix(): path for folder, path in files if path.suffix in CONTENT_TYPES}
    return dict(sorted(wanted.items()))


@cache
def static_fingerprint() -> str:
    """One for all of them, so that a stylesheet can name its fonts and a page its icons by relative addresses."""
    files = static_files().items()
    return fingerprint_of("\n".join(f"{name} {read_asset(path).fingerprint}" for name, path in files).encode())


def fingerprint_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:FINGERPRINT_LENGTH]


def asset_response(path: Path | None, *, is_current: bool) -> Response:
    """The file, packed for whoever takes that; kept for ever when `is_current`: the address holds its fingerprint.

    Raises: `NotFound` without a path.
    """
    if path is None:
        raise NotFound
    asset = read_asset(path)
    is_packed = asset.packed is not None and request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if is_packed else asset.content, content_type=asset.content_type)
    if is_packed:
        response.content_encoding = "gzip"
    if asset.packed is not None:
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_EVER if is_current else ASK_FIRST
    if path.name not in RUNS_BY_ITSELF:
        response.headers["Content-Security-Policy"] = POLICY
    response.set_etag(f"{asset.fingerprint}-gzip" if is_packed else asset.fingerprint)
    return revalidated(response)

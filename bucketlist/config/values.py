"""Settings types: what a value may be, how it is normalised, and the one sentence with which it is refused."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from bucketlist.kit.hostnames import ascii_host

# How routes begin, against which a test holds it: below a path like these, nobody could tell what a proxy took off.
OWN_PLACES = (
    *(
        "confirm",
        "conventions",
        "echo",
        "entries",
        "favicon.ico",
        "favicon.svg",
        "forgot",
        "healthz",
        "items",
        "journal",
    ),
    *(
        "lists",
        "manifest.webmanifest",
        "metrics",
        "offline",
        "openapi.json",
        "photos",
        "problems",
        "readyz",
        "reference",
    ),
    *("reset", "search", "service-worker.js", "settings", "share", "sign-in", "sign-out", "sign-up", "static", "tags"),
    *("trash", "v1", "welcome"),
)

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")

is_inner_path = re.compile(r"/((?!\.\.?/)[A-Za-z0-9._~-]+/)+").fullmatch
is_number = re.compile(r"[0-9]+").fullmatch
MOST_DIGITS = 9  # of any number that means something here


def read_number(value: Any) -> Any:
    """A whole number as people write it. Raises: `ValueError` for signs, underscores, dots and words."""
    if not isinstance(value, str):
        return value
    if not is_number(value.strip()):
        raise ValueError("must be a whole number, written with the digits 0 to 9 only")
    if len(value.strip().lstrip("0")) > MOST_DIGITS:
        raise ValueError("is far too large a number")
    return int(value)


def read_switch(value: Any) -> Any:
    """Raises: `ValueError` for what is neither on nor off."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word not in TRUE + FALSE:
        raise ValueError("must be true or false")
    return word in TRUE


def read_address(value: str) -> str:
    """What can be listened on: an IP address, or a name of this machine. Raises: `ValueError`."""
    host = value.strip()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    plain, has_zone, zone = host.partition("%")
    try:
        name = ascii_host(plain)
    except ValueError:
        name = ""
    if not name or (has_zone and not (":" in name and zone.isalnum())):
        raise ValueError("must be an IP address or a name of this machine, without http:// and without a port")
    return f"{name}%{zone}" if has_zone else name


def read_folder(value: Path) -> Path:
    """`~` is the home of whoever starts the service, as in a shell. Raises: `ValueError`."""
    if "\0" in str(value):
        raise ValueError("has a NUL in it")
    try:
        return value.expanduser()
    except RuntimeError:
        raise ValueError("begins with the home of somebody who has none here") from None


def refuse_own_place(url: str) -> str:
    """Raises: `ValueError` for a public URL whose path begins as a route does."""
    first = urlsplit(url).path.split("/")[1:2]
    if first and first[0] in OWN_PLACES:
        raise ValueError(f"takes no path that begins with /{first[0]}, where the service has an address of its own")
    return url


def check_inner_path(path: str) -> str:
    """Without blanks around it. Raises: `ValueError` unless it is empty, or a path between two slashes."""
    path = path.strip()
    if path and not is_inner_path(path):
        raise ValueError("must be a path of nginx such as /photos-inside/, with a slash at both ends")
    return path


def read_path(value: Any) -> Any:
    """Without blanks around it. Raises: `ValueError` for blanks only, which would mean whatever folder one is in."""
    if isinstance(value, str) and not value.strip():
        raise ValueError("is blank; name a folder, or leave it out")
    return stripped(value)


def stripped(value: Any) -> Any:
    """Without blanks around it."""
    return value.strip() if isinstance(value, str) else value


Switch = Annotated[bool, BeforeValidator(read_switch)]
Port = Annotated[int, BeforeValidator(read_number), Field(ge=0, le=65535)]
Number = Annotated[int, BeforeValidator(read_number)]
Address = Annotated[str, AfterValidator(read_address)]
Folder = Annotated[Path, BeforeValidator(read_path), AfterValidator(read_folder)]

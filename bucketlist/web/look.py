"""Look and language, as a device keeps them: a cookie that holds choices and nothing about anybody."""

import re
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from flask import Response, request

from bucketlist import config
from bucketlist.kit import clock
from bucketlist.web.cookies import set_cookie

Theme = Literal["", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)  # nothing: as the device has it
KEPT_SECONDS = 365 * 24 * 3600
ZONE_COOKIE = "bucketlist-zone"  # written by the script of the page, which alone knows it

_is_zone = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}").fullmatch


class Look(NamedTuple):
    """How pages look and speak on this device; nothing said means as the device has it."""

    theme: Theme = ""
    language: str = ""
    has_keys: bool = True  # single-key shortcuts


def read_look() -> Look:
    theme, _, rest = request.cookies.get(config.current().cookie_name("look"), "").partition(".")
    language, _, keys = rest.partition(".")
    return Look(theme if theme in THEMES else "", language, keys != "off")


def write_look(response: Response, look: Look) -> None:
    value = f"{look.theme}.{look.language}.{'on' if look.has_keys else 'off'}"
    set_cookie(response, "look", value, KEPT_SECONDS)


def zone() -> ZoneInfo:
    """The time zone of the reader, as the script of the page has told it; UTC before."""
    name = request.cookies.get(ZONE_COOKIE, "").replace("%2F", "/")
    if _is_zone(name):
        try:
            return ZoneInfo(name)
        except (OSError, ValueError):  # no such zone, or none that this machine knows
            pass
    return ZoneInfo("UTC")


def present() -> datetime:
    """Now, where the reader is."""
    return clock.now().astimezone(zone())


def today() -> date:
    return present().date()

"""Import contracts: module boundaries in and between rooms, read off the syntax trees.

Which room is above which, import-linter knows.
Closed by default: a new room has no doors but its service until `DOORS` says so.
"""

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.sources import PACKAGE, Source, read_all

ORDER = ("schemas", "queries", "service", "routes")  # inside a room each may import those before it
DOORS = {  # what is a room's own, beside its SQL, its schemas and its routes; and who else comes in
    "accounts.schemas": {"cli", "web"},
    "auth.passwords": {"sessions", "accounts"},
    "auth.schemas": {"sessions", "accounts"},
    "auth.tokens": {"mail", "sessions", "accounts", "services", "app"},  # the key is handed out by the application
    "auth.users": {"mail", "sessions", "accounts", "web"},
    "buckets.queries": {"feed"},  # its one statement joins the things of all kinds
    "buckets.schemas": {"cli", "feed", "trash", "web"},
    "entries.queries": {"feed"},
    "entries.schemas": {"items", "cli", "feed", "trash", "web"},
    "history.schemas": {"web"},
    "items.queries": {"feed"},
    "photos.queries": {"feed"},
    "photos.schemas": {"feed", "trash", "web"},
    "items.schemas": {"cli", "feed", "history", "trash", "web"},
    "limits.bounds": {"mail", "sessions", "accounts"},
    "limits.rate_limits": {"sessions", "accounts"},
    "limits.storage_queries": {"accounts", "photos", "purging"},
    "mail.link_queries": {"accounts"},  # links are used up where accounts are got into again
    "mail.messages": set(),
    "ops.queries": {"cli"},
    "purging.queries": {"sessions"},
    "sessions.lifecycle_queries": {"accounts"},
    "sessions.schemas": {"web"},
    "tags.queries": {"items"},
    "tags.schemas": {"items"},
    "trash.schemas": {"web"},
}
HTTP = ("flask", "flask_openapi", "werkzeug")
SPEAK_HTTP = {*("app", "cli", "docs", "kit", "ops", "server", "services", "web", "wsgi")}  # rooms
SPEAK_HTTP |= {"auth.guard", "limits.idempotency", "limits.pruning", "mail.worker"}
MODULES = {path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".") for path in PACKAGE.rglob("*.py")}


@cache
def speakers() -> set[str]:
    """The modules that import the framework, or one that does."""
    imports = {file.module: {name.removeprefix("bucketlist.") for name in file.imports} for file in read_all(PACKAGE)}
    found = {name for name, named in imports.items() if any(one.partition(".")[0] in HTTP for one in named)}
    while more := {name for name, named in imports.items() if named & found} - found:
        found |= more
    return found


def breaches(file: Source) -> Iterator[str]:
    """The imports of a file that no door is open for."""
    importer = file.module
    stem = importer.rpartition(".")[2]
    for name in sorted(file.imports):
        if (name.partition(".")[0] in HTTP or name.removeprefix("bucketlist.") in speakers()) and not may_speak(
            importer
        ):
            yield f"{importer} speaks HTTP: {name}"
        if stem in ORDER and stem != "queries" and name.startswith(("sqlalchemy", "bucketlist.models")):
            yield f"{importer} speaks SQL: {name}"
        imported = name.removeprefix("bucketlist.")
        if imported in MODULES and not is_open(importer, imported):
            yield f"{importer} -> {imported}"


def may_speak(importer: str) -> bool:
    room, _, stem = importer.partition(".")
    return (bool({room, importer} & SPEAK_HTTP) or stem == "routes") and not importer.startswith("kit.db")


def is_open(importer: str, imported: str) -> bool:
    (room, _, stem), (other, _, door) = (name.partition(".") for name in (importer, imported))
    if other == room:
        return not (stem in ORDER and door in ORDER) or ORDER.index(stem) >= ORDER.index(door)
    is_own = other != "kit" and (door in ORDER[::3] or door.endswith("queries"))
    return room in DOORS.get(imported, {"app"} if door == "routes" else set()) if is_own or imported in DOORS else True


def test_every_room_is_entered_by_its_doors() -> None:
    assert [breach for file in read_all(PACKAGE) for breach in breaches(file)] == []


def test_every_door_leads_somewhere() -> None:
    assert set(DOORS) - MODULES == set()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("accounts/queries.py", "from bucketlist.accounts import service"),
        ("buckets/service.py", "from bucketlist.buckets import routes"),
        ("items/schemas.py", "from bucketlist.items import queries"),
        ("buckets/service.py", "import flask"),
        ("items/queries.py", "from werkzeug.exceptions import NotFound"),
        ("sessions/lifecycle.py", "from flask import g"),
        ("models/lists.py", "from flask import g"),
        ("items/routes.py", "from sqlalchemy import select"),
        ("accounts/service.py", "from bucketlist import models"),
        ("cli/dummy.py", "from bucketlist.items import routes"),
        ("items/service.py", "from bucketlist.auth.passwords import hash_password"),
        ("buckets/routes.py", "from bucketlist.auth import tokens"),
        ("accounts/recovery.py", "from bucketlist.mail import queries"),
        ("items/service.py", "from bucketlist.limits import rate_limit_queries"),
        ("buckets/service.py", "from bucketlist.limits import rate_limits"),
        ("buckets/schemas.py", "from bucketlist.accounts.schemas import RegisterIn"),
        ("app.py", "from bucketlist.items import schemas"),
        ("kit/db/database.py", "from flask import current_app"),
        ("config/__init__.py", "from bucketlist.kit.http import links"),
        ("accounts/login.py", "from bucketlist.auth.guard import actor"),
    ],
)
def test_what_goes_in_by_another_way_is_noticed(module: str, line: str) -> None:
    assert list(breaches(Source(module, line, ast.parse(line)))) != []

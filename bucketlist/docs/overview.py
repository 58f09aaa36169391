"""API overview: every route on one page, made from the OpenAPI document, so that it tells of no others than exist."""

import json
from functools import lru_cache
from typing import Any, NamedTuple

METHODS = ("get", "post", "put", "patch", "delete")


class Route(NamedTuple):
    """One operation, and where the reference tells more of it."""

    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    reference: str


class Group(NamedTuple):
    """The routes of one room."""

    name: str
    about: str
    routes: list[Route]


@lru_cache(maxsize=1)
def read_overview(document_json: str) -> list[Group]:
    """The routes of an OpenAPI document, by its tags and in their order."""
    document: dict[str, Any] = json.loads(document_json)
    groups = {tag["name"]: Group(tag["name"], tag.get("description", ""), []) for tag in document.get("tags", [])}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                tag = item[method]["tags"][0]
                groups.setdefault(tag, Group(tag, "", [])).routes.append(_route(method, path, tag, item[method]))
    return [group for group in groups.values() if group.routes]


def _route(method: str, path: str, tag: str, operation: dict[str, Any]) -> Route:
    return Route(
        method.upper(),
        path,
        operation["summary"],
        " ".join(operation.get("description", "").split()),
        operation.get("security") != [],
        f"#/{tag}/{operation['operationId']}",
    )

"""F12: base path: requests are served whether a proxy takes it off or leaves it on; links always have it."""

from typing import Any

import pytest
from flask import Flask

from bucketlist.kit.http.links import UnderPath, base_path_of, path_to, place_at

TAKEN_OFF = {
    "/x/y": "/",
    "/x/y/": "/",
    "/x/y//": "//",
    "/x/y//v1": "//v1",
    "/x/y/v1/items": "/v1/items",
    "/x/y/x/y/v1": "/x/y/v1",
    "/x/y/../v1": "/../v1",
}
LEFT = [
    "",
    "*",
    "/",
    "/v1/items",
    "/x",
    "/x/",
    "/x/yz/v1",
    "/x/y.css",
    "/X/Y/v1",
    "//x/y/v1",
    "/x//y/v1",
    "/v1/x/y/",
    "/../x/y",
]


def seen_below(base_path: str, environ: dict[str, Any]) -> tuple[str, str]:
    """The SCRIPT_NAME and PATH_INFO that come to an application which stands under `base_path`."""
    seen: list[dict[str, Any]] = []

    def note(environ: dict[str, Any], _: object) -> list[bytes]:
        seen.append(environ)
        return []

    UnderPath(note, base_path)(environ, lambda *_: None)
    return seen[0].get("SCRIPT_NAME", ""), seen[0].get("PATH_INFO", "")


@pytest.mark.parametrize(("asked", "place"), TAKEN_OFF.items())
def test_f12_the_path_is_taken_off_once_where_a_proxy_has_left_it_on(asked: str, place: str) -> None:
    assert seen_below("/x/y", {"PATH_INFO": asked}) == ("/x/y", place)


@pytest.mark.parametrize("asked", LEFT)
def test_f12_what_does_not_lie_under_the_path_is_left_as_it_is(asked: str) -> None:
    assert seen_below("/x/y", {"PATH_INFO": asked}) == ("", asked)


def test_f12_a_server_may_leave_out_an_empty_path() -> None:
    assert seen_below("/x/y", {}) == ("", "")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/", ""),
        ("https://lists.example.com", ""),
        ("https://lists.example.com/x/y", "/x/y"),
        ("http://[::1]:80/~ada", "/~ada"),
    ],
)
def test_f12_the_path_is_that_of_the_public_url(url: str, path: str) -> None:
    assert base_path_of(url) == path


@pytest.mark.parametrize(("root", "path"), [("/", "/v1/items"), ("/x/y", "/x/y/v1/items"), ("/v", "/v/v1/items")])
def test_f12_a_reference_begins_with_the_path_and_leads_back_to_its_place(root: str, path: str) -> None:
    app = Flask(__name__)
    app.config["APPLICATION_ROOT"] = root

    with app.app_context():
        assert path_to("/v1/items") == path
        assert place_at(path) == "/v1/items"

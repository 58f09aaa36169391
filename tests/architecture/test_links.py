"""F12: no file holds an absolute path of ours: `url_for` makes them in templates, `path_to` everywhere else.

Nor does one need a looser content security policy, or the server of anybody else.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bucketlist.config.values import OWN_PLACES
from bucketlist.docs.assets import static_files
from tests.sources import PACKAGE, read_all

TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
OWN_FILES = [
    path for path in static_files().values() if path.suffix in (".css", ".js", ".svg") and "min" not in path.name
]
PLACES = "|".join(re.escape(place) for place in OWN_PLACES)
IN_PAGES = re.compile(rf"""(?:=|url\()\s*["']?/(?!>)|["'`]/(?:{PLACES})\b|["'`(]/["'`)]""")
IN_FILES = re.compile(r"""["'`]/(?![/*>])|url\(\s*/""")
IN_CODE = re.compile(rf"/(?:{PLACES})(?:[/?#]|$)")

# Where such a text is a route's declaration, or is held against one; and the one place that makes a reference of it.
CALLS = {
    *("get", "post", "put", "patch", "delete", "route", "add_url_rule"),
    "startswith",
    "path_to",
    *("act", "act_with_photos"),
    "read",
    "read_in_public",
}
NAMES = {"API_PREFIX", "ADDRESS"}


def absolute_paths(tree: ast.Module) -> Iterator[str]:
    """The texts of a program that are paths of ours, and stand where they may not."""
    above = {below: node for node in ast.walk(tree) for below in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_CODE.match(node.value):
            around = list(_around(node, above))
            if not any(map(_may_hold_paths, around)):
                yield node.value


def _around(node: ast.AST, above: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """What a text is part of, up to the statement."""
    while not isinstance(node, ast.stmt):
        node = above[node]
        yield node


def _may_hold_paths(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return called in CALLS
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id in NAMES for target in node.targets)
    if isinstance(node, ast.arguments):
        return {one.arg for one in node.kwonlyargs} & NAMES != set()
    return isinstance(node, ast.Compare)


@pytest.mark.threat(row=45)
def test_f12_no_program_holds_an_absolute_path_of_ours() -> None:
    found = {file.name: list(absolute_paths(file.tree)) for file in read_all(PACKAGE)}

    assert {name: paths for name, paths in found.items() if paths} == {}


@pytest.mark.threat(row=45)
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_f12_no_template_holds_an_absolute_path_of_ours(path: Path) -> None:
    assert IN_PAGES.findall(path.read_text()) == []


@pytest.mark.threat(row=45)
@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.name)
def test_f12_no_stylesheet_script_or_drawing_holds_an_absolute_path(path: Path) -> None:
    assert IN_FILES.findall(path.read_text()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "location = f'/v1/items/{item.id}'",
            "answer(item, 201, '/v1/items')",
            "kind = {'type': '/problems/conflict'}",
        ),
        *(
            "def f(page='/reset'): pass",
            "return_to = '/static/x.css'",
            "page = '/reference?x'",
            "'/' + x or '/healthz'",
        ),
    ],
)
def test_f12_the_check_of_programs_finds_what_is_wrong(wrong: str) -> None:
    assert list(absolute_paths(ast.parse(wrong))) != []


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            '<a href="/">',
            "<a href='/reset'>",
            "<form action=/reset>",
            '<img src = "/static/x.svg">',
            '<p data-home="/">',
        ),
        *('"type": "/problems/validation"', "style(url(/static/x.png))", '<use href="/icons.svg#x"/>'),
    ],
)
def test_f12_the_check_of_templates_finds_what_is_wrong(wrong: str) -> None:
    assert IN_PAGES.search(wrong)


@pytest.mark.parametrize(
    "wrong", ['fetch("/v1/items")', "url: '/openapi.json'", "url(/x.png)", 'url("/x.png")', "`/v1/${x}`"]
)
def test_f12_the_check_of_files_finds_what_is_wrong(wrong: str) -> None:
    assert IN_FILES.search(wrong)


ELSEWHERE = re.compile(r"""https?://|["'(=]\s*//[a-z0-9]""", re.IGNORECASE)


@pytest.mark.threat(row=43)
def test_no_template_holds_anything_that_the_policy_forbids() -> None:
    forbidden = [
        r"\sstyle\s*=",
        r"<style",
        r"\son[a-z]+\s*=",
        r"<script[^>]*>\s*[^\s<]",
        r"javascript:",
        ELSEWHERE.pattern,
    ]
    forbidden += ["hx-on", "hx-vars", r"\bjs:"]
    texts = {path.name: path.read_text() for path in TEMPLATES}

    found = {(name, one) for name, text in texts.items() for one in forbidden if re.search(one, text, re.IGNORECASE)}
    assert (len(texts) > 30, found) == (True, set())


@pytest.mark.parametrize("path", [path for path in OWN_FILES if path.suffix != ".svg"], ids=lambda path: path.name)
def test_a_stylesheet_or_script_calls_nobody(path: Path) -> None:
    without_comments = re.sub(r"/\*.*?\*/|^\s*// .*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)

    assert not ELSEWHERE.search(without_comments)
    assert not re.search(r"\beval\(|innerHTML|document\.write|new Function", without_comments)
    assert "localStorage" not in without_comments or path.name == "app.js"  # which keeps drafts there, and no secret

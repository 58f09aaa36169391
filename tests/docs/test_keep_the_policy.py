"""CSP (content security policy): nothing in a page or a file of ours needs a looser one, or anybody else's server."""

import re
from pathlib import Path

import pytest

from bucketlist.docs.assets import STATIC_FOLDER

TEMPLATES = sorted((STATIC_FOLDER.parent / "templates").rglob("*.html"))
OWN_FILES = sorted(path for kind in ("*.css", "*.js") for path in STATIC_FOLDER.rglob(kind))
ELSEWHERE = re.compile(r"""https?://|["'(=]\s*//[a-z0-9]""", re.IGNORECASE)


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.threat(row=43)
@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
@pytest.mark.parametrize(
    "forbidden",
    [r"\sstyle\s*=", r"<style", r"\son[a-z]+\s*=", r"<script[^>]*>\s*[^\s<]", r"javascript:", ELSEWHERE.pattern],
)
def test_a_template_holds_nothing_that_the_policy_forbids(path: Path, forbidden: str) -> None:
    assert not re.search(forbidden, path.read_text(), re.IGNORECASE)


@pytest.mark.parametrize("path", OWN_FILES, ids=name_of)
def test_a_stylesheet_or_script_calls_nobody(path: Path) -> None:
    without_comments = re.sub(r"/\*.*?\*/|^\s*// .*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)

    assert not ELSEWHERE.search(without_comments)
    assert not re.search(r"\beval\(|innerHTML|document\.write|new Function|localStorage", without_comments)

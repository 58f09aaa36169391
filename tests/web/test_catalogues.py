"""Translation catalogues are whole and current, and no text of a template goes past gettext."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from bucketlist.web.ideas import read_ideas
from bucketlist.web.languages import FOLDER, LANGUAGES
from tests.sources import PACKAGE

TOOL = Path(__file__).parents[2] / "deploy" / "translations.py"
TEMPLATES = sorted((PACKAGE / "web" / "templates").rglob("*.html")) + [
    PACKAGE / "docs" / "templates" / "docs" / name
    for name in ("base.html", "home.html", "missing.html", "parts.html", "problem.html", "problems.html")
]
SAID = {"aria-label", "alt", "placeholder", "title", "data-copied", "data-failed", "data-signed-out"}  # of attributes
AS_THEY_ARE = {"bucketlist", "Besley", "Lucide", "htmx", "OFL", "ISC", "BSD", "openapi.json"} | {"narrow"}  # a class
FILLED = "\0"  # in place of what a template fills in
_word = re.compile(r"[^\W\d_]{2,}[\w.]*").findall
_attribute = re.compile(r'\s[a-z-]+="[^"]*"?')  # that a macro writes into a tag of another


class Said(HTMLParser):
    """The words that stand in a template itself, but for code, keys, and parts that say they are in English."""

    VOID = ("meta", "link", "input", "br", "hr", "img", "path", "use")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []  # elements, and whether they are passed over

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            is_past = tag in ("code", "kbd", "script") or dict(attrs).get("lang") == "en"
            self._open.append((tag, is_past or self._is_past()))
        if not self._is_past():
            self._note(" ".join(value or "" for name, value in attrs if name in SAID))

    def handle_endtag(self, tag: str) -> None:
        while tag in [name for name, _ in self._open] and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_past():
            self._note(_attribute.sub("", data))

    def _is_past(self) -> bool:
        return bool(self._open and self._open[-1][1])

    def _note(self, text: str) -> None:
        self.words += [word for word in _word(text) if word not in AS_THEY_ARE]


def words_past_gettext(source: str) -> list[str]:
    """Those of a template that no translation could change."""
    parts = []
    for node in Environment(extensions=["jinja2.ext.i18n"]).parse(source).find_all(nodes.Output):  # noqa: S701
        parts += [one.data if isinstance(one, nodes.TemplateData) else FILLED for one in node.nodes]
    said = Said()
    said.feed("".join(parts))
    return said.words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_goes_through_gettext(path: Path) -> None:
    assert words_past_gettext(path.read_text()) == []


@pytest.mark.parametrize(
    "source", ["<p>Hello</p>", '<b aria-label="More {{ x }}">{{ _("a") }}</b>', "{% if x %}Sorry{% endif %}"]
)
def test_a_text_past_gettext_is_noticed(source: str) -> None:
    assert words_past_gettext(source) != []


def test_every_catalogue_is_whole_and_current() -> None:
    told = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)

    assert told.returncode == 0, f"“make translations”, then translate what it lists:\n{told.stdout}{told.stderr}"
    assert {path.stem for path in FOLDER.glob("*.po")} == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_ten_short_lists_of_ideas_in_each_language(language: str) -> None:
    lists = read_ideas(language)

    assert len(lists) == 10
    assert {len(one.ideas) for one in lists} == {6}
    assert all(one.title and not idea.startswith("#") for one in lists for idea in one.ideas)
    assert (FOLDER / f"ideas.{language}.txt").exists()

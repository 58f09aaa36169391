"""HTML page parser of the tests: reads one as a browser would, its links, its ids, its headings."""

from html.parser import HTMLParser
from typing import NamedTuple


class Page(NamedTuple):
    """What tests ask of a page."""

    links: list[str]
    ids: list[str]
    headings: list[int]
    code: list[str]


def read_page(text: str) -> Page:
    reader = _Reader()
    reader.feed(text)
    return Page(reader.links, reader.ids, reader.headings, reader.code)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.code: list[str] = []
        self._is_in_pre = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.links += [value for name in ("href", "src") if (value := values.get(name))]
        self.ids += [value for value in (values.get("id"),) if value]
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag == "pre":
            self._is_in_pre = True
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._is_in_pre = False

    def handle_data(self, data: str) -> None:
        if self._is_in_pre:
            self.code[-1] += data

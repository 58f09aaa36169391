"""Markdown of people's notes as HTML, with an allow-list: none of their own HTML, no pictures, no scripts.

CommonMark with strikethrough. HTML in it is shown as text, a picture as a link to it, since the content security
policy lets in no other. Headings begin below those of the page. What htmx would heed is switched off around it.
"""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

LOWER_BY, LOWEST = 2, 6  # of headings: the first of a text is an h3
LINKS = ("http://", "https://", "mailto:", "tel:")


def _is_link(address: str) -> bool:
    return address.lower().startswith(LINKS)


_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
_markdown.enable("strikethrough").disable(["image", "html_block", "html_inline"])
_markdown.validateLink = _is_link  # type: ignore[method-assign,assignment]  # as its documentation has it


def _adapt(state: StateCore) -> None:
    """Headings begin below those of the page; a link tells nothing of where it was."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + LOWER_BY, LOWEST)}"
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("rel", "nofollow noopener noreferrer")


_markdown.core.ruler.push("adapt", _adapt)


def to_html(text: str | None) -> Markup:
    """Safe by construction: what is not Markdown is text, and is escaped."""
    return Markup(_markdown.render(text)) if text else Markup()  # noqa: S704  # see above


def first_line(text: str | None, longest: int = 140) -> str:
    """The beginning of a text in one line, without its marks, for a list."""
    if not text:
        return ""
    words = _plain(_markdown.parse(text[: longest * 8]))
    return words if len(words) <= longest else f"{words[:longest].rsplit(' ', 1)[0]} …"


def _plain(tokens: Sequence[Token]) -> str:
    """The words of the first block that has any."""
    for token in tokens:
        if token.type == "inline" and token.children:
            found = "".join(
                one.content or " " for one in token.children if one.type in ("text", "code_inline", "softbreak")
            )
            if words := " ".join(found.split()):
                return words
    return ""

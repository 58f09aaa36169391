"""A badge is a small SVG: what was measured on the left, the figure on the right."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from badges.figures import Figures

LAKE, RUST, INK = "#0b5a5c", "#a1331c", "#142e2e"
LETTER_PIXELS = 6.9
OTHER_LETTERS_PIXELS = {
    "f": 4,
    "i": 3,
    "j": 3.5,
    "l": 3,
    "m": 10.7,
    "r": 4.6,
    "s": 5.7,
    "t": 4.3,
    " ": 3.9,
    "%": 10.5,
    "+": 9,
}
PADDING_PIXELS = 9
LEAST_COVERAGE_PERCENT = 97

TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-labelledby="{name}">
  <title id="{name}">{label}: {claim}</title>
  <clipPath id="{name}-shape"><rect width="{width}" height="20" rx="4"/></clipPath>
  <g clip-path="url(#{name}-shape)">
    <rect width="{left}" height="20" fill="{ink}"/>
    <rect x="{left}" width="{right}" height="20" fill="{colour}"/>
  </g>
  <g fill="#fff" font-family="Verdana, DejaVu Sans, Geneva, sans-serif" font-size="11" text-anchor="middle">
    <text x="{label_x}" y="14" textLength="{label_length}">{label}</text>
    <text x="{claim_x}" y="14" textLength="{claim_length}">{claim}</text>
  </g>
</svg>
"""


def draw_badges(figures: Figures) -> Iterator[tuple[str, str]]:
    """The file name and the SVG of each badge."""
    for name, label, claim, is_good in claims(figures):
        yield f"{name}.svg", draw(name, label, claim, LAKE if is_good else RUST)


def claims(figures: Figures) -> Iterator[tuple[str, str, str, bool]]:
    """What each badge says, and whether that is good. Figures that move with each commit are cut to what lasts."""
    coverage = int(figures.coverage_percent)
    yield "tests", "tests", f"{lasting(figures.tests_passed):,}+ passed", True
    yield "coverage", "coverage", f"{coverage} %", coverage >= LEAST_COVERAGE_PERCENT
    types = "mypy strict" if not figures.type_errors else counted(figures.type_errors, "error")
    yield "types", "types", types, not figures.type_errors
    errors = counted(figures.contract_lint_errors, "lint error")
    yield "contract", "contract", errors, not figures.contract_lint_errors


def lasting(count: int) -> int:
    """`count`, cut to a multiple of its step."""
    return count - count % step(count)


def step(count: int) -> int:
    """How much it takes for a badge to be drawn anew."""
    return 10 if count < 100 else 100 if count < 1000 else 500


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def draw(name: str, label: str, claim: str, colour: str) -> str:
    lengths = [
        round(sum(OTHER_LETTERS_PIXELS.get(letter, LETTER_PIXELS) for letter in text)) for text in (label, claim)
    ]
    left, right = (length + 2 * PADDING_PIXELS for length in lengths)
    return TEMPLATE.format(
        name=name,
        label=escape(label),
        claim=escape(claim),
        colour=colour,
        ink=INK,
        width=left + right,
        left=left,
        right=right,
        label_x=left / 2,
        claim_x=left + right / 2,
        label_length=lengths[0],
        claim_length=lengths[1],
    )

"""The plot for the README: CPU time a request of every server, as an SVG that reads on light and dark pages."""

from html import escape

from bench.compare import Comparison
from bench.scenarios import CREATE, LIST, READ, Scenario
from bench.servers import FLOOR, OURS, Server

SHOWN = (READ, LIST, CREATE)
WIDTH, BAR, GAP, GROUP, LEFT, TOP = 860, 11, 3, 14, 330, 64
SPACE_FOR_NUMBERS = 90
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .small { font-size: 11px; fill: #59636e } .title { font-size: 15px; font-weight: 600 } .ours { font-weight: 600 }
    .a { fill: #9a3412 } .b { fill: #d97706 } .c { fill: #78716c }
    @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc } .small { fill: #9198a1 } .a { fill: #fb923c } .b { fill: #fde68a } .c { fill: #a8a29e }
    }
"""


def draw(comparison: Comparison) -> str:
    """Bars of CPU microseconds a request; shorter is better."""
    servers = [server for server in comparison.servers if comparison.cpu(server, READ)]
    longest = max(comparison.cpu(server, one) or 0 for server in servers for one in SHOWN)
    parts, y = [*_legend()], TOP
    for server in servers:
        scale = (WIDTH - LEFT - SPACE_FOR_NUMBERS) / longest
        group, height = _group(comparison, server, y, scale)
        parts += group
        y += height + GROUP
    title = "CPU microseconds a request (shorter is better)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{title}">\n'
        f"<style>{STYLE}</style>\n"
        f'<text x="12" y="24" class="title">{title}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _legend() -> list[str]:
    parts, x = [], 12
    for scenario, kind in zip(SHOWN, "abc", strict=True):
        parts.append(f'<rect x="{x}" y="36" width="11" height="11" class="{kind}"/>')
        parts.append(f'<text x="{x + 16}" y="46" class="small">{escape(scenario.title)}</text>')
        x += 110
    return parts


def _group(comparison: Comparison, server: Server, y: int, scale: float) -> tuple[list[str], int]:
    """The bars of one server, and how high they are together."""
    shown = SHOWN[:1] if server is FLOOR else SHOWN
    height = len(shown) * (BAR + GAP) - GAP
    kind = ' class="ours"' if server is OURS else ""
    label = escape(server.title.replace(" (the article's stack)", ""))
    parts = [f'<text x="{LEFT - 10}" y="{y + height / 2 + 4:.0f}" text-anchor="end"{kind}>{label}</text>']
    for place, scenario in enumerate(shown):
        parts += _bar(comparison, server, scenario, y + place * (BAR + GAP), scale)
    return parts, height


def _bar(comparison: Comparison, server: Server, scenario: Scenario, y: int, scale: float) -> list[str]:
    cpu = comparison.cpu(server, scenario)
    if cpu is None:
        return []
    kind = "abc"[SHOWN.index(scenario)]
    return [
        f'<rect x="{LEFT}" y="{y}" width="{max(cpu * scale, 1):.1f}" height="{BAR}" rx="2" class="{kind}"/>',
        f'<text x="{LEFT + cpu * scale + 6:.1f}" y="{y + BAR - 1}" class="small">{cpu:,.0f}</text>',
    ]

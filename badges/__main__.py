"""`python -m badges` draws them anew; with `--check` it says whether they show what figures.json holds."""

import sys
from pathlib import Path

from badges.drawing import draw_badges
from badges.figures import NotMeasured, load_figures, measure

FOLDER = Path(__file__).parent


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        return check()
    try:
        figures = measure()
    except NotMeasured as reason:
        print(reason, file=sys.stderr)
        return 1
    figures.save()
    for name, svg in draw_badges(figures):
        (FOLDER / name).write_text(svg, encoding="utf-8")
    print(f"Drawn: {figures}")
    return 0


def check() -> int:
    for name, svg in draw_badges(load_figures()):
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            print(f"badges/{name} does not show what figures.json holds: make badges", file=sys.stderr)
            return 1
    print("The badges show what was measured")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Static files `favicon.ico` and `icon-….png`, drawn from `favicon.svg` in a headless Chromium.

The first holds 16, 32 and 48 pixels, each a PNG inside; the others are what an installed web app is shown by.

Run it after the mark has changed, from the root of the repository: `python deploy/favicon.py`.
Source: https://en.wikipedia.org/wiki/ICO_(file_format).
"""

import shutil
import struct
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from bucketlist.docs.assets import STATIC_FOLDER

SIZES = (16, 32, 48)
ICON_SIZES = (192, 512)
HEADER = struct.Struct("<HHH")
ENTRY = struct.Struct("<BBBBHHII")


def bolden(svg: str) -> str:
    """The mark for 16 pixels: closer and with a thicker line, else the handle fades away."""
    closer = svg.replace('viewBox="0 0 48 48"', 'viewBox="5 4 38 38"')
    ground = closer.replace('<rect width="48" height="48" rx="11"', '<rect x="5" y="4" width="38" height="38" rx="8"')
    return ground.replace('stroke-width="2.5"', 'stroke-width="3.4"')


def widen(svg: str) -> str:
    """The mark on a ground without corners, for systems that cut an icon to their own shape: 80 % of it are kept."""
    ground = svg.replace('<rect width="48" height="48" rx="11"', '<rect x="-7" y="-7" width="62" height="62"')
    return ground.replace('viewBox="0 0 48 48"', 'viewBox="-7 -7 62 62"')


def draw(page: Page, svg: str, pixels: int) -> bytes:
    """The mark as a PNG with a transparent ground."""
    page.set_viewport_size({"width": pixels, "height": pixels})
    page.set_content(f"<style>*{{margin:0}}svg{{display:block;width:{pixels}px;height:{pixels}px}}</style>{svg}")
    return page.screenshot(omit_background=True)


def pack(pictures: dict[int, bytes]) -> bytes:
    """An ICO file that holds the pictures, by their size in pixels."""
    offset = HEADER.size + ENTRY.size * len(pictures)
    entries = b""
    for pixels, picture in pictures.items():
        entries += ENTRY.pack(pixels, pixels, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return HEADER.pack(0, 1, len(pictures)) + entries + b"".join(pictures.values())


def make(folder: Path) -> None:
    svg = (folder / "favicon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        pictures = {pixels: draw(page, bolden(svg) if pixels == SIZES[0] else svg, pixels) for pixels in SIZES}
        icons = {f"icon-{pixels}.png": draw(page, svg, pixels) for pixels in ICON_SIZES}
        icons[f"icon-maskable-{ICON_SIZES[-1]}.png"] = draw(page, widen(svg), ICON_SIZES[-1])
        browser.close()
    (folder / "favicon.ico").write_bytes(pack(pictures))
    for name, picture in icons.items():
        drawn = Image.open(BytesIO(picture)).quantize(64, Image.Quantize.FASTOCTREE)  # few colours, a few kilobytes
        drawn.save(folder / name, optimize=True)


if __name__ == "__main__":
    make(STATIC_FOLDER)

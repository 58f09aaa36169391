"""Screenshots of every HTML page of a dummy life, in two sizes and themes: `make screenshots`, in `build/screenshots/`.

`python -m tests.web.screenshots readme` writes the six of the README anew, small, into `handbook/screenshots/`.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import SCHEMES, chromium
from tests.servers import LiveServer, run_command, start_server

ROOT = Path(__file__).parents[2]
SIZES = {390: 844, 1280: 900}
README = (
    *(("overview", 390, "light"), ("list", 390, "light"), ("item", 390, "dark")),
    *(("journal", 390, "light"), ("overview", 1280, "light"), ("list", 1280, "dark")),
)


@contextmanager
def dummy_life() -> Iterator[tuple[LiveServer, str, str]]:
    """A server with somebody’s wishes and stories; how to sign in as them: email and password."""
    with TemporaryDirectory() as folder, start_server(Path(folder)) as server:
        told = run_command(Path(folder), "dummy", "--seed", "7", "--buckets", "7", "--items", "160")
        assert told.returncode == 0, told.stderr
        email, password = told.stdout.split()
        yield server, email, password


def sign_up(page: Page, home: str) -> None:
    """Somebody new, on their first page."""
    page.goto(f"{home}/sign-up")
    page.get_by_label("Email").fill("dora@example.com")
    page.get_by_label("Password").fill("a long walk by the sea")
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="I will look around first").click()
    page.wait_for_selector("#f-t")


@contextmanager
def signed_in(browser: Browser, life: tuple[LiveServer, str, str], width: int, scheme: str) -> Iterator[BrowserContext]:
    server, email, password = life
    size = {"width": width, "height": SIZES[width]}
    context = browser.new_context(viewport=size, color_scheme=scheme, service_workers="block", locale="en-GB")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{server.url}/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".lists")
    page.close()
    yield context
    context.close()


def places(page: Page, home: str) -> dict[str, str]:
    """All pages of somebody who is signed in, each by a name."""
    page.goto(home)
    listed = page.locator(".lists a").first.evaluate("it => it.href")
    page.goto(listed)
    item = page.locator(".item.is-done a.title").first.evaluate("it => it.href")
    named = {"overview": home, "list": listed, "list-edit": f"{listed}/edit"}
    named |= {
        "item": item,
        "item-edit": f"{item}/edit",
        "entry-new": f"{item}/entries/new",
    }
    rest = ("journal", "search", "search?q=sea", "settings", "lists/new", "items/new", "offline", "problems", "nothing")
    return named | {re.sub(r"\W", "-", one): f"{home}/{one}" for one in rest}


def take(page: Page, address: str) -> bytes:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def main(kind: str = "all") -> None:
    folder = ROOT / ("handbook/screenshots" if kind == "readme" else "build/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with dummy_life() as life, chromium() as browser:
        for width, scheme in product(SIZES, SCHEMES):
            with signed_in(browser, life, width, scheme) as context:
                page = context.new_page()
                for name, address in places(page, life[0].url).items():
                    if kind == "readme" and (name, width, scheme) not in README:
                        continue
                    picture = take(page, address)
                    path = folder / f"{name}-{width}-{scheme}.{'webp' if kind == 'readme' else 'png'}"
                    path.write_bytes(small(picture) if kind == "readme" else picture)
                    print(path.relative_to(ROOT))  # noqa: T201  # it talks to whoever ran it


def small(picture: bytes) -> bytes:
    written = BytesIO()
    Image.open(BytesIO(picture)).save(written, "WEBP", quality=70, method=6)
    return written.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])

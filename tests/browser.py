"""Browser automation for tests of pages (Playwright): the Chromium of this machine, with patience on a busy one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.patience import LONG

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(_PROGRAM is None, reason="There is no Chromium on this machine.")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=_PROGRAM, args=["--no-sandbox", "--disable-gpu"], timeout=LONG * 1000
        )
        expect.set_options(timeout=LONG * 1000)
        yield opened
        opened.close()

"""Right-to-left scripts: a pseudo-locale, half as long again as English, at 320 pixels in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from re import split
from threading import Thread

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from playwright.sync_api import Page
from werkzeug.serving import make_server

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from bucketlist.web import languages
from tests.browser import chromium, needs_browser
from tests.conftest import on_sqlite
from tests.people import make_person
from tests.servers import free_port

WIDTH = 320
pytestmark = [on_sqlite, pytest.mark.slow, needs_browser]


def pseudo(text: str) -> str:
    """In letters that run from right to left, and longer; what has to stay is kept."""
    parts = split(r"(%\(\w+\)s|<[^>]+>|`[^`]+`|\|)", text)
    return "".join(part if number % 2 else _stretch(part) for number, part in enumerate(parts))


def _stretch(text: str) -> str:
    letters = (chr(ord("ب") + ord(one.lower()) % 19) if one.isascii() and one.isalpha() else one for one in text)
    return "".join(one * 2 if number % 2 and one.isalpha() else one for number, one in enumerate(letters))


@pytest.fixture
def address(app: ApiApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The service, which speaks the pseudo-locale to whoever asks for Arabic."""
    invented = Catalog(locale="ar")
    with (languages.FOLDER / "de.po").open("rb") as file:
        for message in filter(lambda one: one.id, read_po(file)):
            many = not isinstance(message.id, str)
            words = pseudo(message.id[-1] if many else str(message.id))
            invented.add(message.id, (words,) * invented.num_plurals if many else words)
    with (tmp_path / "ar.po").open("wb") as file:
        write_po(file, invented)
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    monkeypatch.setitem(languages.LANGUAGES, "ar", "pseudo")
    languages.catalogue.cache_clear()
    port = free_port()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    languages.catalogue.cache_clear()


def faults_of(page: Page) -> list[str]:
    """Does the page run from right to left, begin at the right, and fit? And is all of it translated?"""
    found: list[str] = page.evaluate(
        """() => {
          const begin = document.querySelector('.brand, main h1').getBoundingClientRect(), found = [];
          if (getComputedStyle(document.body).direction !== 'rtl') found.push('direction');
          if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the screen');
          if (innerWidth - begin.right > begin.left) found.push('begins at the left');
          const labels = [...document.querySelectorAll('label, button, h1, h2, summary, legend')];
          for (const one of labels.filter((it) => /[A-Za-z]{3}/.test(it.textContent))) found.push(one.textContent);
          return found;
        }"""
    )
    return [one.strip() for one in found]


def test_every_page_fits_and_is_mirrored_from_right_to_left(address: str, app: ApiApp) -> None:
    nur = make_person(app, "nur@example.com", "نور")
    bucket = nur.make_bucket("جبال")["id"]
    item = nur.make_item(bucket, "سباحة", target="2031-22~", tags=["ليل"], place="بحر", times=100)["id"]
    nur.make_item(bucket, "قمر", state="done")
    pages = ["", f"lists/{bucket}", f"lists/{bucket}/edit", "trash", "lists/new", "items/new"]
    pages += [f"items/{item}", f"items/{item}/edit", "search?q=x", "search", "settings"]
    services = services_of(app)
    name, value = services.settings.cookie_name("session"), services.cookie_sessions.issue(nur.actor)

    with chromium() as browser:
        context = browser.new_context(viewport={"width": WIDTH, "height": 800}, locale="ar")
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        assert faults_of(page) == []
        context.add_cookies([{"name": name, "value": value, "url": address}])
        found = {}
        for place in pages:
            page.goto(f"{address}/{place}")
            found[place] = faults_of(page)

    assert {place: faults for place, faults in found.items() if faults} == {}

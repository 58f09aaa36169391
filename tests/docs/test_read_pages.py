"""HTML pages as a whole: their headers, their headings, their links."""

from urllib.parse import urldefrag, urljoin

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.http.middleware import CONTENT_POLICY
from tests.conftest import on_both_paths
from tests.docs.html import Page, read_page

PAGES = ["/", "/conventions", "/reference", "/problems", "/problems/validation"]

pytestmark = on_both_paths


@pytest.mark.parametrize("path", PAGES)
def test_anybody_reads_a_page_that_browsers_keep_and_ask_about(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["ETag"].startswith('"')


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_title_and_leaves_no_heading_out(client: FlaskClient, path: str) -> None:
    headings = read_page(client.get(path).text).headings

    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *headings], headings, strict=False))


@pytest.mark.parametrize("path", PAGES)
def test_an_id_is_given_once_in_a_page(client: FlaskClient, path: str) -> None:
    ids = read_page(client.get(path).text).ids

    assert sorted(set(ids)) == sorted(ids)


def test_the_reference_may_draw_data_addresses_and_nothing_more(client: FlaskClient) -> None:
    reference = client.get("/reference").headers["Content-Security-Policy"]
    homepage = client.get("/").headers["Content-Security-Policy"]

    assert homepage == CONTENT_POLICY
    assert reference.replace(" data:", "") == CONTENT_POLICY
    assert "img-src 'self' blob: data:;" in reference


def test_the_commands_name_the_address_that_the_operator_has_set(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client.application.config, "PUBLIC_URL", "https://lists.example.org")

    text = client.get("/", headers={"Host": "elsewhere.example.com"}).text

    assert "API=https://lists.example.org\n" in text
    assert "elsewhere" not in text


@pytest.mark.threat(row=45)
def test_every_link_of_every_page_leads_somewhere(client: FlaskClient, base_path: str) -> None:
    pages = crawl(client, f"{base_path}/")

    assert {base_path + path for path in PAGES} < set(pages)
    for path, page in pages.items():
        for link in page.links:
            target, fragment = urldefrag(urljoin(path, link))
            assert target in pages, f"{path} leads to {link}"
            if fragment and not fragment.startswith("/") and not target.endswith(".svg"):
                assert fragment in pages[target].ids, f"{path} leads to {link}"


def crawl(client: FlaskClient, start: str) -> dict[str, Page]:
    """Every page and file that can be reached from `start`, each of which answers 200."""
    found: dict[str, Page] = {}
    to_read = [start]
    while to_read:
        path = to_read.pop()
        if path in found:
            continue
        response = client.get(path)
        assert response.status_code == 200, path
        found[path] = read_page(response.text if response.mimetype == "text/html" else "")
        to_read += [urldefrag(urljoin(path, link)).url for link in found[path].links]
    return found

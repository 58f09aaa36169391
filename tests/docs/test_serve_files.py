"""Static files: the right kind, kept as long as they are the same, and no others."""

import gzip
import re
import struct
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient

from bucketlist.docs.assets import FOR_EVER, static_files, static_fingerprint
from tests.conftest import on_both_paths
from tests.docs.html import read_page

PNG = b"\x89PNG\r\n\x1a\n"
BUNDLE = "/reference/assets/swagger-ui-bundle.js"


def test_the_favicon_is_a_drawing(client: FlaskClient) -> None:
    response = client.get("/favicon.svg")

    assert response.content_type == "image/svg+xml"
    assert b"<svg " in response.data


def test_the_favicon_is_also_an_ico_of_three_sizes(client: FlaskClient) -> None:
    response = client.get("/favicon.ico")

    assert response.content_type == "image/x-icon"
    _, kind, count = struct.unpack_from("<HHH", response.data)
    entries = [struct.unpack_from("<BBBBHHII", response.data, 6 + 16 * number) for number in range(count)]
    assert (kind, [entry[:2] for entry in entries]) == (1, [(16, 16), (32, 32), (48, 48)])
    assert all(response.data[entry[7] :].startswith(PNG) for entry in entries)


@pytest.mark.parametrize("name", sorted(static_files()))
def test_a_file_is_kept_for_ever_under_its_fingerprint(client: FlaskClient, name: str) -> None:
    response = client.get(f"/static/{static_fingerprint()}/{name}")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == FOR_EVER


def test_a_file_under_an_old_fingerprint_is_the_new_one_and_not_kept(client: FlaskClient) -> None:
    response = client.get("/static/0123456789ab/bucketlist.css")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, no-cache"


def test_a_file_is_packed_for_whoever_can_unpack_it(client: FlaskClient) -> None:
    plain = client.get(BUNDLE)

    packed = client.get(BUNDLE, headers={"Accept-Encoding": "gzip, br"})

    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]


@on_both_paths
def test_the_reference_names_its_files_by_their_fingerprints(client: FlaskClient) -> None:
    links = [link for link in read_page(client.get("/reference").text).links if "/reference/assets/" in link]

    assert len(links) == 2
    assert [client.get(link).headers["Cache-Control"] for link in links] == [FOR_EVER] * 2
    assert client.get(BUNDLE).headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/nothing.css",
        "/static/x/../routes.py",
        "/static/x/%2e%2e/routes.py",
        "/static/x//etc/passwd",
        "/reference/assets/swagger-ui-standalone-preset.js",
        "/reference/assets/..%2f__init__.py",
        "/favicon.png",
    ],
)
def test_no_other_file_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@on_both_paths
def test_what_the_stylesheet_names_is_there(client: FlaskClient, base_path: str) -> None:
    address = f"{base_path}/static/{static_fingerprint()}/bucketlist.css"

    named = re.findall(r'url\("([^"]+)"\)', client.get(address).text)

    assert len(named) == 2
    assert [client.get(urljoin(address, name)).content_type for name in named] == ["font/woff2"] * 2

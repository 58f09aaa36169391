"""Header validation: every header that is read, with good and bad values, and what a GET and a POST answer to each."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.people import Person
from tests.pictures import add_photo
from tests.sources import PACKAGE, read_all

LONG = "x" * 5000
Statuses = tuple[int, int]  # of GET /v1/users/me and of POST /v1/buckets
IGNORED: Statuses = (200, 201)
REFUSED: Statuses = (400, 400)
NOT_SIGNED_IN: Statuses = (401, 401)
NOT_JSON: Statuses = (200, 415)
NOT_A_KEY: Statuses = (200, 422)
OTHER_VERSION: Statuses = (412, 412)

# {token} is an access token that is good.
VALUES: dict[str, dict[str, Statuses]] = {
    "Accept": dict.fromkeys(["application/json", "text/html", "", "nonsense", "a/b;q=2", ", ,,", LONG], IGNORED),
    "Accept-Encoding": dict.fromkeys(["gzip", "br", "identity;q=0", "", LONG], IGNORED),
    "Authorization": dict.fromkeys(["Bearer {token}", "bearer {token}", "bEaReR   {token}"], IGNORED)
    | dict.fromkeys(["Token {token}", "Digest {token}", "Bearer{token}", "Bearer\t{token}"], NOT_SIGNED_IN)
    | dict.fromkeys(["", "Bearer", "Bearer ", "Bearer x", "{token}", "Basic YTpi", "Bearer é"], NOT_SIGNED_IN)
    | dict.fromkeys(["Bearer {token} x", "Bearer {token}, Bearer {token}", f"Bearer {LONG}"], NOT_SIGNED_IN),
    "Content-Encoding": dict.fromkeys(["gzip", "identity", ""], NOT_JSON),
    "Content-Length": {**dict.fromkeys(["0", "5", ""], (200, 400)), "9" * 20: (413, 413)}
    | dict.fromkeys(["-1", "x", "1e3", "+5", " 5", "0x10"], REFUSED),
    "Content-Type": dict.fromkeys(["application/json", "APPLICATION/JSON", "application/json; charset=utf-8"], IGNORED)
    | dict.fromkeys(['application/json;charset="UTF8"', "application/json;"], IGNORED)
    | dict.fromkeys(["", "text/plain", "application/json; charset=latin-1", "a/b, application/json", LONG], NOT_JSON)
    | {"application/merge-patch+json": NOT_JSON},
    "Expect": dict.fromkeys(["100-continue", "100-Continue", ""], IGNORED) | {"nonsense": (417, 417)},
    "Forwarded": dict.fromkeys(["for=192.0.2.1", "nonsense", "", LONG], IGNORED),
    "Host": dict.fromkeys(["localhost", "localhost:80", "[::1]", "[::1]:8000"], IGNORED)
    | dict.fromkeys(["", "a b", "a,b", "a/b", "a:b", "user@host", LONG], REFUSED),
    "Hx-Request": dict.fromkeys(["true", "false", "nonsense", "", LONG], IGNORED),  # of pages alone
    "Idempotency-Key": dict.fromkeys(["a", "a" * 255, '"quoted"', '"a,b"', '"a\\",b"', '"a', '""', "{}~"], IGNORED)
    | dict.fromkeys(["", " ", "a b", "é", "a" * 256, f'"{"a" * 254}"', "a,b", "a,", ",", '"a","b"', '"a,b'], NOT_A_KEY),
    "If-Match": dict.fromkeys(['"x"', 'W/"x"', '"x", "y"', ""], OTHER_VERSION)
    | dict.fromkeys(["x", '"x', '"a" "b"', '*, "x"', LONG], REFUSED)
    | {"*": IGNORED},
    "If-None-Match": dict.fromkeys(['"x"', 'W/"x"', '"x", "y"', ""], IGNORED)
    | dict.fromkeys(["x", '"x', '*, "x"', LONG], REFUSED)
    | {"*": (304, 412)},
    "If-Range": dict.fromkeys(['"x"', 'W/"x"', "x", '"x', "Tue, 01 Dec 2026 00:00:00 GMT", "é", "", LONG], IGNORED),
    "Origin": dict.fromkeys(["https://app.example.com", "null", "nonsense", "", LONG], IGNORED),
    "Range": dict.fromkeys(["bytes=0-0", "bytes=9-", "nonsense", "", LONG], IGNORED),
    "Sec-Fetch-Site": dict.fromkeys(["same-origin", "cross-site", "none", "nonsense", "", LONG], IGNORED),  # of pages
    "Transfer-Encoding": dict.fromkeys(["gzip", ""], IGNORED) | {"chunked": (200, 400)},  # nothing came in chunks
    "X-Forwarded-For": dict.fromkeys(["192.0.2.1", "[2001:db8::1]:443", "nonsense", "", ",,", LONG], IGNORED),
    "X-Request-Id": dict.fromkeys(["abc", "a b", "é", "", "a" * 500], IGNORED),
}
RANGES: dict[str, int] = {  # of a file of which there are bytes 0 to 9 at least, and the status of its download
    **dict.fromkeys(["bytes=0-0", "BYTES=0-0", " bytes = 0 - 0 ", "bytes=0-", "bytes=-1", "bytes=0-" + "9" * 500], 206),
    "bytes=-" + "9" * 500: 206,  # all that there is
    **dict.fromkeys(
        ["bytes=" + "9" * 500 + "-", "bytes=999999-", "bytes=999999-1000000", "bytes=-0", "Bytes = -00"], 416
    ),
    **dict.fromkeys(["", " ", "bytes", "bytes=", "bytes=-", "bytes=--1", "bytes=-0-", "bytes=5-4", "bytes=x-y"], 200),
    **dict.fromkeys(["bytes=+1-2", "bytes=0x1-0x2", "bytes=1e1-", "bytes=\xb2-", "bytes=1_0-", "bytes=0.5-1"], 200),
    **dict.fromkeys(["bytes=0-0,2-3", "bytes=0-0,", "bytes=,", "bytes=" + "0-0," * 200, "bytes=0-0;q=1"], 200),
    **dict.fromkeys(["items=0-0", "=0-0", "é=0-0", "bytes=0-0\x00", "bytes=" + "0" * 5000 + "-", LONG], 200),
}
IF_RANGES: dict[str, int] = {  # with `bytes=0-0`; what is not the very tag is no condition that holds
    "{etag}": 206,
    **dict.fromkeys(['"x"', "W/{etag}", "{etag}, {etag}", "x", "*", "é", "", LONG, "\x00"], 200),
    "Tue, 01 Dec 2026 00:00:00 GMT": 200,
}
READ = re.compile(r'"HTTP_([A-Z_]+)"|request\.headers(?:\.get\(|\[)"([\w-]+)"')


# Headers of one value: with a good one twice, as servers hand on two lines of it, the answer to GET and to POST.
TWICE: dict[str, tuple[str, Statuses]] = {
    "Authorization": ("Bearer {token}", NOT_SIGNED_IN),
    "Content-Encoding": ("identity", NOT_JSON),
    "Content-Type": ("application/json", NOT_JSON),
    "Content-Length": ("15", REFUSED),
    "Host": ("localhost", REFUSED),
    "Hx-Request": ("true", IGNORED),
    "Idempotency-Key": ("a", NOT_A_KEY),
    "If-Range": ('"x"', IGNORED),
    "Origin": ("https://app.example.com", IGNORED),
    "Range": ("bytes=0-0", IGNORED),
    "Sec-Fetch-Site": ("same-origin", IGNORED),
    "X-Request-Id": ("abc", IGNORED),
}
LISTS = {  # headers of as many values as one likes
    *("Accept", "Accept-Encoding", "Expect", "Forwarded", "If-Match", "If-None-Match"),
    *("Transfer-Encoding", "X-Forwarded-For"),
}


def statuses_of(ada: Person, header: str, value: str) -> Statuses:
    sent: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {ada.access_token}"}
    name = header.upper().replace("-", "_")
    sent[name if name.startswith("CONTENT_") and name != "CONTENT_ENCODING" else f"HTTP_{name}"] = value.replace(
        "{token}", ada.access_token
    )
    me = ada.client.get("/v1/users/me", environ_overrides=sent)
    made = ada.client.post("/v1/buckets", json={"name": "Far away"}, environ_overrides=sent)
    return me.status_code, made.status_code


@pytest.mark.parametrize("header", VALUES)
def test_every_value_of_a_header_is_answered_as_the_table_says(ada: Person, header: str) -> None:
    found = {value: statuses_of(ada, header, value) for value in VALUES[header]}

    assert found == VALUES[header]


@pytest.fixture
def file(ada: Person) -> str:
    """The path of a photo as it was sent."""
    photo = add_photo(ada.actor, ada.make_item(ada.make_bucket()["id"])["id"])
    return f"/v1/photos/{photo.id}/original"


def test_every_range_of_a_file_is_answered_as_the_table_says(ada: Person, file: str) -> None:
    found = {value: status_of(ada, file, HTTP_RANGE=value) for value in RANGES}

    assert found == RANGES


def test_every_condition_of_a_range_is_answered_as_the_table_says(ada: Person, file: str) -> None:
    etag = ada.get(file).headers["ETag"]

    found = {
        value: status_of(ada, file, HTTP_RANGE="bytes=0-0", HTTP_IF_RANGE=value.replace("{etag}", etag))
        for value in IF_RANGES
    }

    assert found == IF_RANGES


@pytest.mark.threat(row=50)
def test_two_lines_of_a_range_are_no_range(ada: Person, file: str) -> None:
    assert status_of(ada, file, HTTP_RANGE="bytes=0-0,bytes=0-0") == 200


def status_of(ada: Person, path: str, **sent: str) -> int:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {ada.access_token}", **sent}
    with ada.client.get(path, environ_overrides=headers) as answer:
        return answer.status_code


def test_every_header_that_is_read_is_in_the_table() -> None:
    names = {found[1] or found[2] for file in read_all(PACKAGE) for found in READ.finditer(file.text)}
    read = {name.replace("_", "-").title() for name in names}

    assert read - set(VALUES) == set()


def test_every_header_is_of_one_value_or_a_list() -> None:
    assert sorted([*TWICE, *LISTS]) == sorted(VALUES)


@pytest.mark.threat(row=50)
@pytest.mark.parametrize("between", [",", ", "])
@pytest.mark.parametrize("header", TWICE)
def test_two_lines_of_a_header_of_one_value_are_no_value(ada: Person, header: str, between: str) -> None:
    value, expected = TWICE[header]

    assert statuses_of(ada, header, f"{value}{between}{value}") == expected


@pytest.mark.parametrize("header", ["Origin", "X-Request-Id"])
def test_two_lines_of_a_header_that_is_not_needed_count_as_not_sent(client: FlaskClient, header: str) -> None:
    value = f"{TWICE[header][0]},{TWICE[header][0]}"

    answer = client.get("/healthz", headers={header: value})

    assert value not in answer.headers.values()

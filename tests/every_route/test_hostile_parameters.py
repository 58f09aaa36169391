"""Injection (SQL, paths): what is put into paths and queries to break in is a text that nobody wrote, or a mistake."""

from itertools import product
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from bucketlist.config import Settings
from bucketlist.kit.text import fold
from bucketlist.models import items
from tests.bulk import insert_rows, item_rows
from tests.people import Person
from tests.resources import Things
from tests.responses import json_of
from tests.routes import ABOUT_ONE, PAGES, Place, Route, body_for, make_place

QUOTES = ("'", '"', "`", "')", "'))", "\\'", "%27", "", "1", "-1", "x'")
ATTACKS = (
    " OR 1=1 --",
    " OR 'a'='a",
    "; DROP TABLE items; --",
    " UNION SELECT NULL,NULL,NULL --",
    " UNION SELECT password_hash FROM users --",
    " AND SLEEP(5) --",
    "; SELECT pg_sleep(5); --",
    " AND 1=CAST((SELECT version()) AS int) --",
    " || (SELECT sqlite_version()) || ",
    "/**/OR/**/1=1#",
    " LIMIT 1 OFFSET 1 --",
)
MORE_ATTACKS = (  # for the parameters of lists, where a database might read them
    *(f" ORDER BY {number} --" for number in range(1, 8)),
    *(f" UNION ALL SELECT {'NULL,' * number}NULL #" for number in range(7)),
    *(f" AND {left}={right} --" for left, right in (("1", "1"), ("1", "2"), ("'a'", "'a'"), ("id", "id"))),
    *(" HAVING 1=1 --", " GROUP BY user_id --", " OR name LIKE '%' --", " OR TRUE --", " AND NULL IS NULL --"),
    *(" || 'x'", " + 'x'", " COLLATE NOCASE", "::text", " GLOB '*'", " REGEXP '.*'", " ESCAPE '!' --", " IN ((1)) --"),
    *("; UPDATE users SET name='x' --", "; DELETE FROM sessions --", "; VACUUM --", "; ATTACH 'x' AS x --"),
    *("; COPY users TO '/tmp/x' --", "; SELECT load_extension('x') --", " AND randomblob(1000000000) --"),
)
INJECTIONS = [f"{quote_mark}{attack}" for quote_mark, attack in product(QUOTES, ATTACKS)]
ALL_INJECTIONS = [*INJECTIONS, *(f"{mark}{attack}" for mark, attack in product(QUOTES, MORE_ATTACKS))]
ODD = [
    *("\0", "a\0b", "\x01", "\x1f", "\x7f", "\x85", "\r\nSet-Cookie: a=b", "\t", " ", "  ", "\u3000"),
    *(str(number) for number in (-1, 0, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**100)),
    *("1e9", "1E400", "NaN", "Infinity", "-Infinity", "0x7f", "1_000", "１２", "٣", " 1", "1 ", "+1", "1.0", "１２３"),
    *(
        "null",
        "None",
        "undefined",
        "true",
        "false",
        "[]",
        "{}",
        "[object Object]",
        "%",
        "%%",
        "%s",
        "%n",
        "{0}",
        "{{7*7}}",
    ),
    *(
        "${7*7}",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "..\\..\\",
        "file:///etc/passwd",
        "http://example.com",
    ),
    *(
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\U0010ffff",
        "\u202e",
        "\ufeff",
        "\u0301",
        "😀" * 300,
        "a" * 5000,
        "*",
        "?",
        "[a-z]",
    ),
    *("$1", ":user_id", "@x", "?1", "\\", "\\\\", "\\u0000", "\\x00", "--", "/*", "*/", ";", "#", "&", "=", "+"),
]
TEXTS = [*INJECTIONS, *ODD]


@pytest.mark.threat(row=23)
def test_there_are_five_hundred_ways_to_break_in() -> None:
    assert len(set(ALL_INJECTIONS)) >= 500


@pytest.mark.threat(row=23)
def test_ada_searches_for_an_injection_and_finds_what_she_called_so(settings: Settings, ada: Person) -> None:
    bucket = ada.make_bucket()["id"]
    names = [text.strip() for text in ALL_INJECTIONS]
    rows = item_rows(ada.id, bucket, len(names) + 1)
    for row, name in zip(rows, [*names, "Something else"], strict=True):
        row |= {"name": name, "name_folded": fold(name)}
    insert_rows(settings, items, rows)

    for text in sorted(set(names)):
        expected = sum(fold(text) in fold(name) for name in names)
        found = json_of(ada.get(f"/v1/items?limit=100&q={quote(text, safe='')}"))

        assert found["count"] == expected, text
        assert all(fold(text) in fold(row["name"]) for row in found["items"]), text


def test_ada_searches_for_anything_and_is_never_told_that_we_broke(listed: Things) -> None:
    listed.make("Something else")

    for text in ODD:
        response = listed.ask(q=text)

        assert response.status_code in (200, 422), text
        if response.status_code == 200 and text.strip():
            assert json_of(response)["count"] == int(text.lower() in "something else")


@pytest.mark.threat(row=23)
@pytest.mark.parametrize("parameter", ["limit", "cursor", "sort"])
def test_ada_cannot_break_in_by_a_parameter(listed: Things, parameter: str) -> None:
    listed.make("Something else")

    found = {text: listed.ask(**{parameter: text}).status_code for text in {*TEXTS, *ALL_INJECTIONS}}

    assert {text: status for text, status in found.items() if status != 422} == {}


@pytest.mark.threat(row=23)
def test_ada_cannot_break_in_by_the_name_of_a_parameter(listed: Things) -> None:
    found = {text: listed.ask(**{text: "1"}).status_code for text in TEXTS}

    assert set(found.values()) == {422}


@pytest.mark.parametrize(
    "query", ["%ED%A0%80", "%FF", "%C0%AF", "%", "%zz", "&&&", "=", "a", "q", "%00=1", ";", "#", "[]"]
)
def test_ada_is_never_told_that_we_broke_on_a_query(ada: Person, query: str) -> None:
    statuses = [ada.get(f"/v1/items?{part}").status_code for part in (query, f"q={query}", f"limit={query}")]

    assert set(statuses) <= {200, 422}


@pytest.mark.threat(row=29)
@pytest.mark.parametrize("route", ABOUT_ONE, ids=str)
def test_ada_finds_nothing_under_an_id_that_is_none(ada: Person, route: Route) -> None:
    body = body_for(route, ada)
    texts = [text for text in TEXTS if text not in ("", ".", "..")]

    found = {}
    for text in texts:
        spoilt = Place(*[quote(text, safe="")] * 8)
        found[text] = ada.ask(route.method, spoilt.path(route), body).status_code

    assert {text: status for text, status in found.items() if status != 404} == {}


def test_ada_moves_nothing_by_an_id_that_is_none(ada: Person) -> None:
    place = make_place(ada)

    found = {text: ada.patch(f"/v1/items/{place.item_id}", {"bucketId": text}).status_code for text in TEXTS}

    assert set(found.values()) == {422}


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match", "Authorization", "X-Request-Id", "Accept", "Cookie"])
def test_ada_is_never_told_that_we_broke_on_a_header(ada: Person, header: str) -> None:
    path = f"/v1/items/{make_place(ada).item_id}"

    for text in (text for text in TEXTS if text.isascii() and text.isprintable()):
        responses = [ada.get(path, **{header: text}), ada.patch(path, {}, **{header: text})]

        assert max(response.status_code for response in responses) < 500, text


@pytest.mark.parametrize(("rule", "path"), [page for page in PAGES if "<" in page[0]])
def test_nobody_reads_a_file_that_is_no_page(client: FlaskClient, rule: str, path: str) -> None:
    folder = path.rpartition("/")[0]

    for text in TEXTS:
        response = client.get(f"{folder}/{quote(text, safe='')}")

        assert response.status_code in (200, 404), text
        assert "root:" not in response.text

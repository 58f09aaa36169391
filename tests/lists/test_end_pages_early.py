"""R6: pagination by size: a page ends early once it has a mebibyte, and no row is lost or shown twice for it."""

from typing import Any

import pytest

from bucketlist.kit.http.responses import PAGE_BYTES
from tests.resources import Things
from tests.responses import json_of

LONG = "\U0001f680" * 20_000  # 80,000 bytes
MANY = 30  # of which thirteen fit


@pytest.fixture
def filled(listed: Things) -> list[dict[str, Any]]:
    """As they come, in the order in which they were made."""
    return [listed.make(f"{number:02}", description=LONG) for number in range(MANY)]


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("sort", ["position", "-name"])
def test_r6_pages_end_at_a_mebibyte_in_both_directions(listed: Things, filled: list[dict[str, Any]], sort: str) -> None:
    wanted = [row["id"] for row in (filled if sort == "position" else reversed(filled))]

    forth = listed.pages(f"{listed.list_path}?limit=100&sort={sort}")
    back = listed.pages(forth[-1]["previous"], "previous")

    assert [row["id"] for page in forth for row in page[listed.kind]] == wanted
    assert [row["id"] for page in reversed(back) for row in page[listed.kind]] == wanted[: -len(forth[-1][listed.kind])]
    assert {page["count"] for page in forth + back} == {MANY}
    assert [len(page[listed.kind]) for page in forth[:2]] == [11, 11]


@pytest.mark.threat(row=53)
def test_r6_a_page_is_no_longer_than_a_mebibyte(listed: Things, filled: list[dict[str, Any]]) -> None:
    answer = listed.ask(limit=100)

    assert len(answer.data) <= PAGE_BYTES
    assert json_of(answer)["next"].count("limit=100") == 1
    assert filled[0]["id"] == json_of(answer)[listed.kind][0]["id"]

"""HTML page of history: what changed in a wish, in people’s words, and by whom."""

import re
from html import unescape

from bucketlist.kit.db.driver import Compiled
from tests.conftest import on_both_paths
from tests.people import Person
from tests.web.browsing import Visitor

CHANGES = [
    {"state": "done", "target": "2031-22"},
    {"name": "See them dance", "tags": ["winter"], "place": "Tromsø"},
    {"place": None, "description": "In *February*"},
    {
        "times": 3,
        "steps": [{"text": "Save up", "done": True}],
        "links": [{"url": "https://example.com", "title": None}],
    },
    {"state": "dropped", "droppedReason": "My knees"},
]


def told(page: str) -> list[str]:
    return [unescape(words) for words in re.findall(r"<p>([^<]*)</p>", page.partition('class="timeline"')[2])]


@on_both_paths
def test_what_changed_is_told_in_words_the_newest_first(visitor: Visitor) -> None:
    first, other = visitor.person.make_bucket(), visitor.person.make_bucket("Around here")
    item = visitor.person.make_item(first["id"])
    for change in [*CHANGES, {"bucketId": other["id"]}]:
        assert visitor.person.patch(f"/v1/items/{item['id']}", change).status_code == 200

    page = visitor.read(f"/items/{item['id']}/history").text

    assert told(page) == [
        "In list: “Far away” became “Around here”",
        *("State: done became let go", "Why it was let go: “My knees”"),
        *("How often: 1 became 3", "Steps: ✓ Save up", "Links: https://example.com"),
        *("Notes: “In February”", "Where: no longer “Tromsø”"),
        *("Name: “See the northern lights” became “See them dance”", "Where: “Tromsø”", "Tags: #winter"),
        *("State: someday became done", "When: summer 2031"),
        "Put in the bucket",
    ]
    assert page.count("This session") == 7


def test_who_did_it_is_told_by_a_token_or_a_session(visitor: Visitor) -> None:
    item = visitor.person.make_item(visitor.person.make_bucket()["id"])
    token = visitor.person.make_token()
    headers = {"Authorization": f"Bearer {token['token']}"}
    visitor.person.patch(f"/v1/items/{item['id']}", {"name": "By a script"}, **headers)

    named = visitor.read(f"/items/{item['id']}/history").text
    visitor.person.delete(f"/v1/auth/tokens/{token['id']}")
    ended = visitor.read(f"/items/{item['id']}/history").text

    assert "Token “Backup script”" in named
    assert "A token that has ended" in ended


def test_a_long_history_is_paged_and_takes_few_statements(visitor: Visitor, statements: list[Compiled]) -> None:
    item = visitor.person.make_item(visitor.person.make_bucket()["id"])
    for number in range(50):
        visitor.person.patch(f"/v1/items/{item['id']}", {"name": f"Name {number}"})
    visitor.read("/settings")  # the use of the session is noted

    statements.clear()
    page = visitor.read(f"/items/{item['id']}/history").text
    taken = len(statements)
    older = visitor.read(unescape(re.findall(r'href="([^"]*cursor=[^"]*)"', page)[0])).text

    assert (len(told(page)), told(older), taken) == (50, ["Put in the bucket"], 5)
    assert visitor.read(f"/items/{item['id']}/history?cursor=x").status_code == 404


def test_the_history_of_cleo_is_not_there_for_ada(visitor: Visitor, cleo: Person) -> None:
    item = cleo.make_item(cleo.make_bucket()["id"])

    assert visitor.read(f"/items/{item['id']}/history").status_code == 404

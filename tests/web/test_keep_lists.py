"""HTML pages of lists and search: groups in their order, pages by cursor, filters in the address, statements a page."""

import pytest

from bucketlist.kit.db.driver import Compiled
from tests.conftest import on_both_paths, on_sqlite
from tests.responses import json_of
from tests.web.browsing import Visitor, field_of


def headings_of(page: str) -> list[str]:
    return [part.partition("</h2>")[0] for part in page.split("<h2>")[1:]]


@on_both_paths
def test_a_list_shows_its_groups_in_order_and_no_empty_one(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    for state in ("dropped", "done", "doing", "open"):
        visitor.person.make_item(bucket["id"], state, state=state)
    visitor.person.make_item(bucket["id"], "dated", target="203X")

    page = visitor.read(f"/lists/{bucket['id']}").text

    assert headings_of(page) == ["Under way", "With a date", "Someday", "Done"]
    assert "Let go (1)" in page
    assert "1 of 5 done." in page


def test_a_group_of_many_is_paged(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    for number in range(60):
        visitor.person.make_item(bucket["id"], f"Wish {number}")
    together = visitor.read(f"/lists/{bucket['id']}").text
    for number in range(60, 101):
        visitor.person.make_item(bucket["id"], f"Wish {number}")

    first = visitor.read(f"/lists/{bucket['id']}").text
    address = first.partition("Show 76 more")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    rest, group = visitor.read(address).text, visitor.read(f"/lists/{bucket['id']}?show=someday").text

    assert [page.count('<li class="item') for page in (together, first, rest, group)] == [60, 25, 76, 100]
    assert visitor.read(f"/lists/{bucket['id']}?show=someday&cursor=x").status_code == 404


def test_ada_makes_a_list_changes_it_and_deletes_it(visitor: Visitor) -> None:
    page = visitor.follow(visitor.send("/lists/new", name="Far away", notes="Where *maps* end"))
    (bucket,) = json_of(visitor.person.get("/v1/buckets"))["buckets"]
    path = f"/lists/{bucket['id']}"
    etag = field_of(visitor.read(f"{path}/edit").text, "etag")
    visitor.follow(visitor.send(f"{path}/edit", name="Further", notes="", archived="yes", etag=etag))
    (changed,) = json_of(visitor.person.get("/v1/buckets?archived=true"))["buckets"]
    visitor.follow(visitor.send(f"{path}/delete"))

    assert "<em>maps</em>" in page
    assert (changed["name"], changed["description"], changed["archived"]) == ("Further", None, True)
    assert json_of(visitor.person.get("/v1/buckets?archived=any"))["buckets"] == []


@on_both_paths
def test_ada_finds_a_wish_by_words_state_and_tag(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    visitor.person.make_item(bucket["id"], "See the NORTHERN lights", tags=["Lahti, Finland/x"], state="done")
    visitor.person.make_item(bucket["id"], "Cross a border")

    found = {
        path: visitor.read(path).text.count('<li class="item')
        for path in ("/search?q=northern", "/search?q=northern&state=open", "/search?state=done", "/search?q=nothing")
    }
    tagged = visitor.read("/tags/Lahti, Finland/x").text

    assert list(found.values()) == [1, 0, 1, 0]
    assert tagged.count('<li class="item') == 1
    assert "Lahti, Finland/x" in visitor.read("/search").text


@on_sqlite
@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 201, "tag=" + "x" * 51, "q=x&cursor=x", "state=x&q=x"])
def test_a_search_that_cannot_be_is_told_and_breaks_nothing(visitor: Visitor, query: str) -> None:
    assert visitor.read(f"/search?{query}").status_code in (200, 404, 422)


def test_a_page_takes_few_statements_however_long_its_list_is(visitor: Visitor, statements: list[Compiled]) -> None:
    bucket = visitor.person.make_bucket()
    for number in range(30):
        visitor.person.make_item(bucket["id"], f"Wish {number}", state="doing")
    visitor.read("/")  # the use of the session is noted

    taken = {}
    for path in ("/", f"/lists/{bucket['id']}", "/search?q=wish", "/settings"):
        statements.clear()
        visitor.read(path)
        taken[path.partition("/019")[0].partition("/01")[0]] = len(statements)

    assert taken == {"/": 4, "/lists": 7, "/search?q=wish": 2, "/settings": 4}


@on_sqlite
def test_the_first_visit_has_an_empty_bucket_and_ideas(visitor: Visitor) -> None:
    page = visitor.read("/").text

    assert "What comes to mind first?" in page
    assert page.count('name="title" value="') == 10


@on_sqlite
def test_where_nothing_is_the_ways_to_lists_and_search_stay(visitor: Visitor) -> None:
    page = visitor.read("/lists/nothing")

    assert (page.status_code, "There is nothing here" in page.text) == (404, True)
    assert 'href="/search"' in page.text


def test_where_no_page_is_whoever_has_a_session_finds_the_places_of_the_app(visitor: Visitor) -> None:
    mine = visitor.read("/nothing")
    for_programs = visitor.client.get("/nothing", headers={"Accept": "application/json"})
    visitor.client.delete_cookie("bucketlist-session")
    of_nobody = visitor.read("/nothing")

    assert [answer.status_code for answer in (mine, for_programs, of_nobody)] == [404] * 3
    assert [">Journal</a>" in answer.text for answer in (mine, of_nobody)] == [True, False]
    assert (">Reference</a>" in of_nobody.text, for_programs.mimetype) == (True, "application/problem+json")


@on_both_paths
def test_how_much_is_done_comes_along_with_what_has_changed(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()["id"]
    item = visitor.person.make_item(bucket, steps=[{"text": "Pack", "done": True}], times=3)["id"]

    added = visitor.send_part("/items", title="Swim", list=bucket)
    done = visitor.send_part(f"/items/{item}/done", part="row")
    lists, groups, counts = (
        visitor.read(path, HX_Request="true").text for path in ("/", f"/lists/{bucket}", f"/lists/{bucket}?part=counts")
    )

    assert [answer.headers["HX-Trigger"] for answer in (added, done)] == ["wishes-changed", "wishes-counted"]
    assert ("1 of 1 step<" in done.text, "0 of 3 times" in done.text) == (True, True)
    assert ("1 done, 1 to go" in lists, "1 of 2 done." in groups, "1 of 2 done." in counts) == (True, True, True)
    assert "<ul" not in counts


def test_settings_and_journal_lead_to_what_is_further_down(visitor: Visitor) -> None:
    visitor.person.make_entry(visitor.person.make_item(visitor.person.make_bucket()["id"])["id"])

    settings, folded, asked = (visitor.read(path).text for path in ("/settings", "/journal", "/journal?person=Nora"))

    assert 'href="#elsewhere"' in settings
    assert ('<details class="more"><summary>' in folded, '<details class="more" open>' in asked) == (True, True)

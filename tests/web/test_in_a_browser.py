"""HTML pages of the web app in a real browser: with and without a script, by the keyboard; weight."""

from contextlib import closing

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.pictures import encoded, noise, with_exif
from tests.web.in_browser import add, in_a_browser, open_list

MAX_FIRST_LOAD_BYTES, MAX_REQUESTS = 60_000, 8  # web.md, rule 25
INNER_EDGES = """places => places.map((place) => {
  const words = document.createRange(), link = place.querySelector('a');
  words.selectNodeContents(link.lastChild);
  const { right, width } = words.getBoundingClientRect();
  return Math.min(innerWidth - right, link.clientWidth - width);
})"""
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3

pytestmark = in_a_browser


def test_ada_adds_a_wish_is_done_by_one_tap_and_takes_it_back(page: Page) -> None:
    open_list(page, "Swim at midnight #night summer 2031")

    page.get_by_role("button", name="Done: Swim at midnight").click()
    expect(page.locator(".item")).to_have_class("item is-done just-done")
    expect(page.locator("#toast")).to_contain_text("Done!")
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".item")).to_have_class("item is-open")
    page.reload()
    expect(page.locator(".item")).to_have_class("item is-open")


@pytest.mark.parametrize("page", [False], indirect=True)
def test_without_a_script_all_of_it_works(page: Page) -> None:
    open_list(page, "Swim at midnight #night summer 2031")

    page.get_by_role("button", name="Done: Swim at midnight").click()
    expect(page.locator(".item")).to_have_class("item is-done")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".item")).to_have_class("item is-open")
    page.locator("a.title").click()
    page.get_by_role("button", name="Let it go").click()

    expect(page.get_by_role("heading", name="Why it was let go")).to_be_visible()


def test_the_keyboard_alone_adds_finishes_and_undoes(page: Page) -> None:
    open_list(page, "Cross a border")

    page.keyboard.press("n")
    page.keyboard.type("Sleep in a lighthouse")
    page.keyboard.press("Enter")
    expect(page.locator(".item")).to_have_count(2)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".item.is-done")).to_have_count(1)
    expect(page.locator("#toast")).to_contain_text("Done!")
    page.keyboard.press("z")

    expect(page.locator(".item.is-done")).to_have_count(0)


def test_what_could_not_be_saved_is_put_back_and_typed_words_are_kept(page: Page) -> None:
    open_list(page, "Cross a border")
    page.route("**/items*", lambda route: route.abort())
    page.route("**/done", lambda route: route.abort())

    page.get_by_role("button", name="Done: Cross a border").click()
    expect(page.locator("#toast")).to_contain_text("That did not save. Try again.")
    expect(page.locator(".item")).to_have_class("item is-open")
    page.goto(f"{page.url.split('/lists')[0]}/search")
    page.get_by_role("link", name="Add", exact=True).click()
    page.locator("#d-t").fill("Do not lose me")
    page.reload()

    expect(page.locator("#d-t")).to_have_value("Do not lose me")


def test_what_is_read_of_a_line_is_shown_back(page: Page) -> None:
    page.locator("#f-t").fill("Swim at midnight #night summer 2031")

    expect(page.locator("#f-e")).to_have_text("Some time in summer 2031, #night")


def test_ada_deletes_from_the_list_by_one_click_and_takes_it_back(page: Page) -> None:
    open_list(page, "Swim at midnight")
    page.get_by_label("More for Swim at midnight").click()

    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("In the trash.")
    expect(page.locator(".item")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#toast")).to_contain_text("It is back in its place.")
    expect(page.locator(".item .title")).to_have_text("Swim at midnight")


def test_ada_tells_a_story_with_a_photo_whose_date_she_takes(page: Page) -> None:
    open_list(page, "Swim at midnight")
    page.goto(page.locator("a.title").evaluate("it => it.href") + "/entries/new")
    page.get_by_label("What happened?").fill("The *swallows* went to bed.")
    page.get_by_label("With (optional)").fill("Nora, Ivo")
    photo = encoded(noise(), exif=with_exif("2026:07:14 18:03:11"))
    page.locator("#photos-field").set_input_files(FilePayload(name="swim.jpg", mimeType="image/jpeg", buffer=photo))
    page.get_by_label("Caption of swim.jpg").fill("At the pier")
    page.get_by_role("button", name="It says 14 July 2026. Use this date").click()
    page.get_by_label("With this it is done").check()
    page.get_by_role("button", name="Add to the story").click()

    expect(page.locator("#toast")).to_contain_text("Done! It is in the story now.")
    expect(page.locator("figcaption")).to_have_text("At the pier")
    expect(page.get_by_role("heading", name="14 July 2026")).to_be_visible()


def test_how_much_is_done_is_told_anew_at_each_change(page: Page) -> None:
    open_list(page, "Swim at midnight")
    page.get_by_role("button", name="Done: Swim at midnight").click()
    expect(page.locator("#counts")).to_have_text("1 of 1 done.")
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#counts")).to_have_text("0 of 1 done.")

    page.goto(page.url.split("/lists")[0])
    add(page, "Bake bread")

    expect(page.locator("#counts")).to_have_text("0 done, 2 to go, no hurry.")


def test_german_words_fit_on_a_phone(page: Page) -> None:
    open_list(page, "Schwimmen")
    page.context.add_cookies([{"name": "bucketlist-look", "value": ".de.on", "url": page.url.split("/lists")[0]}])
    page.reload()
    page.get_by_role("button", name="Geschafft: Schwimmen").click()
    expect(page.locator("#toast")).to_contain_text("Erzähl davon")

    assert page.locator("#toast").evaluate("box => box.offsetHeight") < 2 * 44  # one line of what can be tapped
    edges = page.locator(".nav li").evaluate_all(INNER_EDGES)
    assert min(edges) >= 4


def test_ada_counts_one_of_a_hundred_by_a_tap(page: Page) -> None:
    page.goto(f"{page.url.rstrip('/')}/items/new")
    page.get_by_label("What would you like to do one day?").first.fill("Read 100 books")
    page.get_by_label("How often").fill("100")
    page.locator("main").get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="One more: Read 100 books").click()
    expect(page.locator("#toast")).to_contain_text("One more.")
    expect(page.locator(".items").first).to_contain_text("1 of 100")
    page.get_by_role("link", name="Read 100 books").click()

    expect(page.locator(".numeral")).to_have_text("1")


def test_a_story_is_kept_while_the_network_fails_and_forgotten_once_it_is_saved(page: Page) -> None:
    open_list(page, "Swim in the sea at night")
    page.get_by_role("button", name="Done: Swim").click()
    page.locator("#toast").get_by_role("link", name="Write the story").click()
    page.get_by_label("What happened?").fill("Everything glows.")
    page.get_by_role("button", name="Yesterday").click()
    expect(page.locator("#date-echo")).to_contain_text("On ")
    address = page.url

    page.route("**/entries", lambda route: route.abort())
    page.get_by_role("button", name="Add to the story").click()
    page.wait_for_url("chrome-error:**")
    page.goto(address)
    expect(page.get_by_label("What happened?")).to_have_value("Everything glows.")
    page.unroute("**/entries")
    page.get_by_role("button", name="Add to the story").click()
    expect(page.locator(".entries")).to_contain_text("Everything glows.")

    page.goto(address)
    expect(page.get_by_label("What happened?")).to_have_value("")


def test_long_words_fit_on_a_narrow_screen_and_a_script_keeps_its_direction(page: Page) -> None:
    home = page.url.rstrip("/")
    page.set_viewport_size({"width": 320, "height": 700})
    for name in (LONG_WORD, "לשחות (2031)"):
        page.goto(f"{home}/lists/new")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Make the list").click()
        add(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name

    assert page.locator("h1").evaluate("h1 => getComputedStyle(h1).unicodeBidi") == "plaintext"
    page.goto(home)
    page.locator("a[data-dialog]").first.click()
    for part in ("html", "#capture"):
        assert page.locator(part).evaluate("part => part.scrollWidth") <= 320, part


def test_the_way_to_add_can_be_read_on_its_own_page(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{page.url.rstrip('/')}/items/new")

    color, ground = page.locator(".nav .add").evaluate(
        "a => [getComputedStyle(a).color, getComputedStyle(a).backgroundColor]"
    )
    assert color != ground


def test_the_first_visit_to_the_overview_is_light(browser: Browser, page: Page) -> None:
    signed_in = page.context.storage_state()
    with closing(browser.new_context(storage_state=signed_in, service_workers="block")) as context:  # which unpacks
        first = context.new_page()
        first.goto(page.url)
        sizes = first.evaluate("performance.getEntries().filter(e => e.encodedBodySize).map(e => e.encodedBodySize)")

    assert sum(sizes) <= MAX_FIRST_LOAD_BYTES
    assert len(sizes) <= MAX_REQUESTS

"""Test helper of accessibility: what opens on pages, each by name; given is what is seen as long as it is open."""

from collections.abc import Callable

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.pictures import encoded, noise, with_exif
from tests.web.every_page import Life

PHOTO = FilePayload(name="swim.jpg", mimeType="image/jpeg", buffer=encoded(noise(), exif=with_exif()))
NO_PHOTO = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"no picture")
Open = Callable[[Page, Life], Locator]


def message(page: Page, text: str, box: str = "#toast") -> Locator:
    """A message, which stays while it has the focus."""
    expect(page.locator(box)).to_contain_text(text)
    page.locator(box).locator("button, a").first.focus()
    return page.locator(box, has_text=text)


def send(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def refused(page: Page) -> Locator:
    """What says why a form was not taken."""
    expect(page.locator("[role=alert]")).to_be_visible()
    return page.locator("[role=alert]")


def in_list(page: Page, life: Life, what: str = "") -> None:
    page.goto(life.address("/lists/{list_id}") + what)


def the_message_of_done(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.get_by_role("button", name="Done: Cross a border").click()
    return message(page, "Done!")


def the_message_of_undone(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.get_by_role("button", name="Done: Bake bread").click()
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("Back in the bucket.")
    return page.locator(".item.is-open", has_text="Bake bread")


def the_message_of_one_more(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.get_by_role("button", name="One more: Read 100 books").click()
    return message(page, "One more.")


def the_message_of_an_ended_session(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.context.clear_cookies()
    page.get_by_role("button", name="Done: Bake bread").click()
    return message(page, "You are signed out.")


def the_menu_of_a_wish(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.get_by_label("More for Bake bread").click()
    return page.locator(".item details[open]").get_by_role("link", name="Edit")


def the_menu_of_a_list(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.get_by_label("More for this list").click()
    return page.get_by_role("link", name="Sort by hand")


def quick_capture(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.locator(".nav [data-dialog=capture]").click()
    return page.locator("#capture[open]")


def quick_capture_filled(page: Page, life: Life) -> Locator:
    dialog = quick_capture(page, life)
    dialog.get_by_label("What would you like to do one day?").fill("Swim #night summer 2031")
    expect(dialog.locator(".echo")).to_have_text("Some time in summer 2031, #night")
    return dialog


def quick_capture_with_its_message(page: Page, life: Life) -> Locator:
    quick_capture_filled(page, life)
    page.keyboard.press("Enter")
    return message(page, "Added.", "#capture .toast")


def a_draft_that_is_back(page: Page, life: Life) -> Locator:
    page.goto(life.home)
    page.locator("#q-t").fill("Dive #night summer 2031")
    page.reload()
    expect(page.locator("#q-t")).to_have_value("Dive #night summer 2031")
    return page.locator("#q-e", has_text="Some time in summer 2031, #night")


def the_keys(page: Page, life: Life) -> Locator:
    in_list(page, life)
    page.keyboard.press("?")
    return page.locator("#keys[open]")


def a_selection(page: Page, life: Life) -> Locator:
    in_list(page, life, "/select")
    page.get_by_role("checkbox").first.check()
    page.locator(".bulk summary", has_text="Tag").click()
    return page.get_by_label("Add the tag")


def a_selection_refused(page: Page, life: Life) -> Locator:
    in_list(page, life, "/select")
    page.locator(".bulk").get_by_role("button", name="Let go").click()
    return refused(page)


def pasted_lines(page: Page, life: Life) -> Locator:
    in_list(page, life, "/paste")
    page.get_by_label("One wish a line").fill("- [x] Run\nSee the fjords #north 2031\nBake bread\nRun")
    send(page, "Show what is read")
    return page.get_by_role("checkbox", name="See the fjords")


def an_order_by_keys(page: Page, life: Life) -> Locator:
    in_list(page, life, "/order")
    page.get_by_role("button", name="Move Cross a border").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#placed")).to_contain_text(" of ")
    return page.locator("#placed")


def a_list_without_a_name(page: Page, life: Life) -> Locator:
    page.goto(f"{life.home}/lists/new")
    page.get_by_label("Name").fill("\N{ZERO WIDTH SPACE}")
    send(page, "Make the list")
    return refused(page)


def a_wish_for_soon(page: Page, life: Life) -> Locator:
    page.goto(f"{life.home}/items/new")
    page.get_by_label("What would you like to do one day?").first.fill("Dive")
    page.get_by_label("When?").fill("soon")
    send(page, "Add")
    return refused(page)


def a_wish_that_was_changed_meanwhile(page: Page, life: Life) -> Locator:
    page.goto(life.address("/items/{item_id}/edit"))
    page.get_by_label("Notes").fill("Mine.")
    page.locator("[name=etag]").evaluate("field => { field.value = '\"older\"'; }")
    send(page, "Save")
    return refused(page)


def a_story_of_soon(page: Page, life: Life) -> Locator:
    page.goto(life.address("/items/{item_id}/entries/new"))
    page.get_by_label("When?").fill("soon")
    send(page, "Add to the story")
    return refused(page)


def photos_chosen(page: Page, life: Life) -> Locator:
    page.goto(life.address("/items/{item_id}/entries/new"))
    page.locator("#photos-field").set_input_files(PHOTO)
    expect(page.get_by_role("button", name="Use this date")).to_be_visible()
    return page.get_by_label("Caption of swim.jpg")


def photos_refused(page: Page, life: Life) -> Locator:
    page.goto(life.address("/entries/{entry_id}"))
    page.locator("#more-photos").set_input_files(NO_PHOTO)
    send(page, "Send the photos")
    return refused(page)


def settings_refused(page: Page, life: Life) -> Locator:
    page.goto(f"{life.home}/settings")
    page.get_by_label("Your present password").fill("wrong")
    page.get_by_label("Your new password").fill("a long walk in the rain")
    send(page, "Change the password")
    return refused(page)


def a_token_shown_once(page: Page, life: Life) -> Locator:
    page.goto(f"{life.home}/settings")
    page.get_by_label("New token for").fill("Import")
    page.locator("#tp").fill("a long walk by the sea")
    send(page, "Make token")
    return page.locator("#tok")


def a_part_whose_whole_is_in_the_trash(page: Page, life: Life) -> Locator:
    page.goto(f"{life.home}/trash")
    page.get_by_role("button", name="Restore At the pier").click()
    return refused(page)


def a_form_of_another_session(page: Page, life: Life) -> Locator:
    page.goto(f"{life.home}/lists/new")
    page.get_by_label("Name").fill("Not lost")
    page.locator("main [name=csrf]").evaluate("field => { field.value = 'of another session'; }")
    send(page, "Make the list")
    return page.get_by_role("heading", name="Welcome back")


def a_form_without_a_session(page: Page, life: Life) -> Locator:
    page.goto(f"{life.home}/lists/new")
    page.get_by_label("Name").fill("Not lost")
    page.context.clear_cookies()
    send(page, "Make the list")
    return page.get_by_role("heading", name="You are signed out")


def a_sign_in_refused(page: Page, life: Life) -> Locator:
    page.context.clear_cookies()
    page.goto(f"{life.home}/sign-in")
    page.get_by_label("Email").fill(life.email)
    page.get_by_label("Password").fill("wrong")
    send(page, "Sign in")
    return refused(page)


def a_sign_up_refused(page: Page, life: Life) -> Locator:
    page.context.clear_cookies()
    page.goto(f"{life.home}/sign-up")
    page.get_by_label("Email").fill("new@example.com")
    page.get_by_label("Password").fill("password")
    send(page, "Make my account")
    return page.locator("[aria-invalid=true]")


def a_letter_that_cannot_be_sent(page: Page, life: Life) -> Locator:
    page.context.clear_cookies()
    page.goto(f"{life.home}/forgot")
    page.get_by_label("Email").fill(life.email)
    send(page, "Send me the letter")
    return refused(page)

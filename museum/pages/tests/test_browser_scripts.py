"""What the small scripts add to pages that work without them."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import expect

from museum.pages import deep_zoom
from operations.benchmarks.browser import axe
from testing.factories import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = """() => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["not looked at here"], "p.png", {type: "image/png"}));
  const event = new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true});
  document.body.dispatchEvent(event);
}"""


def test_a_suggestion_is_chosen_with_the_keyboard(visit):
    page = visit()
    field = page.get_by_role("combobox")
    with page.expect_response(re.compile("q=sea$")):
        field.press_sequentially("sea")
    page.get_by_role("option", name="sea").wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "suggestion-0"
    field.press("Enter")
    page.wait_for_url("**/search?q=sea")
    assert page.complaints == []


def test_the_next_pages_join_when_their_place_comes_into_sight(visit):
    page = visit("/search?q=boat&limit=4")
    for _ in range(60):
        if page.locator(".works .card").count() == 14:
            break
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(250)
    expect(page.locator(".works .card")).to_have_count(14)
    titles = page.locator(".works .card h3").all_inner_texts()
    assert len(set(titles)) == 14
    assert page.get_by_role("link", name="Next page").count() == 0
    assert "14 works" in page.locator(".tally").inner_text()
    assert page.complaints == []


def test_works_are_saved_in_the_browser_and_taken_out_again(visit, works):
    page = visit(works[0].get_absolute_url())
    page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_role("button", name="Saved").get_attribute("aria-pressed") == "true"
    page.goto(works[1].get_absolute_url())
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Saved (2)").click()
    page.wait_for_url("**/saved?works=*")
    assert page.locator(".set h2").all_inner_texts() == ["Boat 0", "Boat 1"]
    page.get_by_role("link", name=re.compile("Earlier ?: Boat 1")).click()
    expect(page.locator(".set h2").first).to_contain_text("Boat 1")
    page.get_by_role("link", name=re.compile("Take out ?: Boat 1")).click()
    expect(page.locator(".set h2")).to_have_count(1)
    page.goto("/")
    expect(page.get_by_role("link", name="Saved (1)")).to_be_visible()
    assert page.complaints == []


def test_someone_elses_set_is_shown_and_kept_only_when_asked(visit, works):
    page = visit(f"/saved?works={works[0].artic_id},{works[1].artic_id}")
    assert page.get_by_role("link", name="Saved", exact=True).count() == 1
    page.get_by_role("button", name="Keep this set").click()
    page.get_by_role("link", name="Saved (2)").wait_for()


def test_a_slash_goes_to_the_field_and_arrows_from_work_to_work(visit):
    page = visit("/search?q=boat")
    first = page.locator(".card h3 a").first
    first.focus()
    page.keyboard.press("ArrowRight")
    focused = "document.activeElement.textContent"
    titles = page.locator(".card h3").all_inner_texts()
    assert page.evaluate(focused) == titles[1]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == titles[0]
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) in titles[2:]
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_a_detail_is_searched_with_the_keyboard_alone(visit, works):
    page = visit(works[0].get_absolute_url())
    page.get_by_role("button", name="Search a detail").press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"like={works[0].artic_id}&box=0.32,0.3,0.4,0.42$"))
    assert page.complaints == []


def test_a_detail_is_drawn_with_a_pointer(visit, works):
    page = visit(works[0].get_absolute_url())
    page.get_by_role("button", name="Search a detail").click()
    box = page.locator(".sheet").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.up()
    page.get_by_role("button", name="Search this detail").click()
    page.wait_for_url(re.compile(r"box=0\.2[45]\d*,0\.2[45]\d*,0\.2[456]\d*,0\.2[456]\d*$"))


def test_a_pasted_picture_is_sent(visit):
    page = visit()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.evaluate(PASTE)
    assert sent.value.url.endswith("/search")


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_on_a_phone_are_a_page_of_their_own(visit, scripts):
    page = visit("/search?q=boat", width=390, java_script_enabled=scripts)
    filters = page.get_by_role("heading", name="Filter and sort")
    expect(filters).not_to_be_visible()
    page.get_by_role("link", name="Filter and sort").click()
    expect(filters).to_be_visible()
    page.get_by_role("link", name="With a picture").click()
    page.wait_for_url("**has_picture=true")
    page.get_by_role("link", name="Remove “With a picture”").click()
    page.wait_for_url("**/search?q=boat")


def test_a_work_is_enlarged_in_a_window_and_left_by_the_keyboard(visit, media_folder):
    made = work("Frieze", size=(1300, 900), alt_text="A frieze.")
    page = visit(made.get_absolute_url())
    if not deep_zoom.viewer():
        pytest.skip("OpenSeadragon is not installed: npm ci && npm run viewer")
    weight = page.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
    assert not [name for name in weight if "openseadragon" in name]
    with page.expect_response(lambda response: "/512,0,512,512/" in response.url) as tile:
        page.get_by_role("button", name="Zoom in").press("Enter")
    window = page.get_by_role("dialog", name="Frieze, enlarged")
    window.get_by_role("application").wait_for()
    assert tile.value.ok
    window.get_by_role("button", name="Enlarge").click()
    with suppress(axe.AxeMissingError):
        assert axe.violations(page) == []
    page.keyboard.press("Escape")
    expect(window).not_to_be_visible()
    assert page.complaints == []


def test_without_scripts_the_plain_picture_stays(visit, works):
    page = visit(works[0].get_absolute_url(), java_script_enabled=False)
    expect(page.get_by_alt_text("A boat on a grey sea.").first).to_be_visible()
    assert page.get_by_role("button", name="Zoom in").count() == 0


def test_a_search_is_composed_without_scripts(visit, works):
    page = visit(works[0].get_absolute_url(), java_script_enabled=False)
    page.get_by_text("Search a detail").click()
    page.get_by_label("From the top").fill("10")
    page.get_by_role("button", name="Search this detail").click()
    page.wait_for_url(re.compile(rf"like={works[0].artic_id}&box=0.25%2C0.1%2C0.5%2C0.5$"))
    page.goto("/search?q=boat")
    page.get_by_text("Change this search").click()
    page.get_by_label("Wish for").check()
    page.get_by_role("button", name="Search again").click()
    page.wait_for_url("**color=%232d5fa4")
    page.get_by_text("Change this search").click()
    page.get_by_label("Weight: the colour").select_option("above all")
    page.get_by_role("button", name="Search again").click()
    page.wait_for_url("**w_color=4*")

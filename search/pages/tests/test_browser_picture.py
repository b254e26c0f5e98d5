"""A picture of the visitor's own, in a real Chromium: chosen, pasted, dropped."""

import base64

import pytest
from playwright.sync_api import expect

from museum.conftest import visit, works  # noqa: F401 - fixtures
from search import tasks
from testing.factories import gradient_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SEND = """([kind, data]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), each => each.charCodeAt(0));
  transfer.items.add(new File([bytes], "mine.jpg", {type: "image/jpeg"}));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true})
    : new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true});
  document.body.dispatchEvent(event);
}"""


def choose(page):
    page.get_by_text("Search by picture").click()
    page.get_by_label("Upload a picture").set_input_files(
        {"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": gradient_picture()}
    )
    page.locator(".picture-search").get_by_role("button", name="Search", exact=True).click()


def give(kind):
    return lambda page: page.evaluate(SEND, [kind, base64.b64encode(gradient_picture()).decode()])


@pytest.fixture
def seen(works, tiny):
    tasks.embed_artworks([each.pk for each in works])
    return works


def test_a_picture_finds_works_however_it_is_given(visit, seen):
    ways = [(390, False, choose), (390, True, choose)]
    ways += [(1440, True, give("paste")), (1440, True, give("drop"))]
    for width, scripts, send in ways:
        page = visit(width=width, java_script_enabled=scripts)
        send(page)
        page.wait_for_url("**/search?picture=*")
        expect(page.get_by_role("link", name="Remove “your picture”")).to_be_visible()
        assert page.locator(".card").count() == len(seen)
        assert page.complaints == []
    # The address is the whole search: what was sent is found again, and weighed against words.
    other = visit(page.url, width=390)
    other.get_by_text("Refine your search").click()
    other.get_by_label("Add words").fill("red boat")
    other.get_by_role("button", name="Search again").click()
    other.wait_for_url("**q=red+boat*")
    expect(other.get_by_role("link", name="Remove “your picture”")).to_be_visible()

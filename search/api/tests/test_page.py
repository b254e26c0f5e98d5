"""/api/docs in a real Chromium."""

from urllib.parse import urlsplit

import pytest

from search.api.docs import description
from testing.factories import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser, live_server):
    """A page whose `complaints` are what the browser says, and `hosts` whom it asks."""
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.complaints, page.hosts = [], set()
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("requestfailed", lambda request: page.complaints.append(f"failed: {request.url}"))
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).netloc))
    yield page
    context.close()


def test_it_lists_every_operation_and_asks_this_site_alone(page, live_server):
    page.goto("/api/docs", wait_until="networkidle")
    operations = {
        f"{method.upper()} {path}"
        for path, methods in description()["paths"].items()
        for method in methods
    }
    assert set(page.locator("section h2").all_inner_texts()) == operations
    assert page.hosts == {urlsplit(live_server.url).netloc}
    assert page.complaints == []


def test_a_search_is_tried_from_its_form(page):
    work("A red boat")
    page.goto("/api/docs")
    form = page.locator("#search form")
    form.get_by_label("q", exact=True).fill("boat")
    with page.expect_response("**/api/search?**") as answered:
        form.get_by_role("button", name="Try it").click()
    assert answered.value.status == 200
    assert [each["title"] for each in answered.value.json()["results"]] == ["A red boat"]
    assert page.complaints == []

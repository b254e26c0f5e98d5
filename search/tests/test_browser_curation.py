"""A curator curates a query and judges works in a real Chromium."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from search import curation, engine
from search.curated import CuratedQuery
from search.judgments import Judgment, JudgmentQuery, PooledWork
from search.query import Query
from search.tests.factories import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada():
    return User.objects.create_superuser("ada")


@pytest.fixture
def page(browser, live_server, ada):
    """A page of a curator who is signed in; what the browser complains of is in `complaints`."""
    client = Client()
    client.force_login(ada)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1180, "height": 820})
    cookie = client.cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    found = context.new_page()
    found.complaints = []
    found.on("console", lambda message: found.complaints.append(message.text))
    found.on("pageerror", lambda error: found.complaints.append(str(error)))
    yield found
    context.close()


def test_a_work_is_pinned_after_a_preview(page):
    for n in range(3):
        work(f"Red boat {n}", text="A red boat.")
    far = work("A quiet field", seed=1)
    page.goto("/admin/search/curatedquery/add/?query=red+boat")
    page.locator("#id_works-0-artwork").fill(str(far.pk))
    page.get_by_role("button", name="Preview").click()
    then = page.locator("#preview section", has_text="With this change")
    then.wait_for()
    assert then.locator("li a").first.inner_text() == "A quiet field"
    assert "A quiet field" not in page.locator("#preview section").first.inner_text()
    assert not CuratedQuery.objects.exists()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/search/curatedquery/")
    assert page.complaints == []
    hits = engine.search(curation.curated(Query.parse("Red Boat"))).hits
    assert hits[0].artwork == far


@pytest.fixture
def query():
    made = JudgmentQuery.objects.create(query="red boat")
    for n in range(4):
        PooledWork.objects.create(query=made, artwork=work(f"Boat {n}", seed=n))
    return made


def grades(query) -> dict[str, int]:
    return dict(query.judgments.values_list("artwork__title", "grade"))


def test_works_are_graded_by_keys_and_saved_one_by_one(page, query, ada):
    page.goto(f"/admin/search/judgmentquery/{query.pk}/grade/")
    titles = page.locator(".grade-card legend").all_inner_texts()
    for key in ("3", "0", "ArrowRight", "1"):
        if key.isdigit():
            with page.expect_response("**/grade/"):
                page.keyboard.press(key)
        else:
            page.keyboard.press(key)
    assert grades(query) == {titles[0]: 3, titles[1]: 0, titles[3]: 1}
    assert page.locator("#graded").inner_text() == "3"
    page.reload()
    # The first that is not graded yet has the focus.
    assert page.evaluate("document.activeElement.querySelector('legend').textContent") == titles[2]
    with page.expect_response("**/grade/"):
        page.get_by_role("radio", name="2 fits").nth(2).check()
    assert grades(query)[titles[2]] == 2
    assert page.complaints == []
    Judgment.objects.all().delete()
    page.context.clear_cookies()
    page.locator(".grade-card").first.focus()
    page.keyboard.press("1")
    page.get_by_text("The last grade was not saved").wait_for()
    assert grades(query) == {}


def test_without_scripts_the_grid_is_a_form(page, query, browser, live_server):
    state = page.context.storage_state()
    context = browser.new_context(
        base_url=live_server.url, storage_state=state, java_script_enabled=False
    )
    plain = context.new_page()
    plain.goto(f"/admin/search/judgmentquery/{query.pk}/grade/")
    plain.get_by_role("radio", name="2 fits").first.check()
    plain.get_by_role("button", name="Save").click()
    plain.get_by_text("1 grades saved").wait_for()
    context.close()
    assert list(grades(query).values()) == [2]

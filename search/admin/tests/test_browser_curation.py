"""A curator looks after searches, judges works and switches models in a real Chromium."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from museum.models import Artwork
from search import tasks
from search.curation import store
from search.embeddings import hnsw_index, registry
from search.engine import search
from search.models import (
    CuratedQuery,
    Embedding,
    Experiment,
    Judgment,
    JudgmentQuery,
    PooledWork,
    QueryLog,
)
from search.query.query import Query
from testing.factories import vector_model, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(curator_page):
    return curator_page


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
    hits = search.search(store.apply_rules(Query.parse("Red Boat"))).hits
    assert hits[0].artwork == far


@pytest.fixture
def query():
    made = JudgmentQuery.objects.create(query="red boat")
    for n in range(4):
        PooledWork.objects.create(query=made, artwork=work(f"Boat {n}", seed=n))
    return made


def grades(query) -> dict[str, int]:
    return dict(query.judgments.values_list("artwork__title", "grade"))


def test_works_are_graded_by_keys_and_saved_one_by_one(page, query):
    page.goto(f"/admin/search/judgmentquery/{query.pk}/grade/")
    titles = page.locator(".grade-card legend").all_inner_texts()
    for key in ("3", "0", "ArrowRight", "1"):
        if key.isdigit():
            with page.expect_response("**/grade/"):
                page.keyboard.press(key)
        else:
            page.keyboard.press(key)
    assert grades(query) == {titles[0]: 3, titles[1]: 0, titles[3]: 1}
    expect(page.locator("#graded")).to_have_text("3")
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


def test_works_are_pooled_and_raters_compared(page, django_user_model):
    other = django_user_model.objects.create_user("bea")
    boats = [work(f"Boat {n}", text="A red boat.") for n in range(3)]
    page.goto("/admin/search/judgmentquery/add/")
    page.get_by_label("Query:").fill("red boat")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Pool").click()
    page.get_by_text("3 works added to the pool.").wait_for()
    for _ in boats:
        with page.expect_response("**/grade/"):
            page.keyboard.press("3")
    made = JudgmentQuery.objects.get()
    for grade, boat in zip((3, 2, 0), boats, strict=True):
        Judgment.objects.create(query=made, artwork=boat, rater=other, grade=grade)
    page.goto("/admin/search/judgmentquery/agreement/")
    expect(page.get_by_role("row", name="admin and bea 3 0.33")).to_be_visible()
    expect(page.get_by_role("row", name="red boat Boat 2 0 to 3")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="training").click()
    assert "red boat" in started.value.path().read_text()
    assert page.complaints == []


def test_synonyms_and_an_example_search_are_previewed(page):
    work("A red couch", text="A couch.")
    page.goto("/admin/search/synonyms/add/")
    page.get_by_label("Terms:").fill("sofa, couch")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview section").last.wait_for()
    found = page.locator("#preview section", has_text="A red couch")
    before, then = found.count(), page.locator("#preview section").count()
    assert 0 < before < then  # what is found now by one term, and with the change by both
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/search/synonyms/")
    page.goto("/admin/museum/examplesearch/add/")
    page.get_by_label("Query:").fill("couch")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").get_by_role("link", name="A red couch").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/museum/examplesearch/")
    page.goto("/")
    expect(page.get_by_role("link", name="couch", exact=True)).to_be_visible()
    assert page.complaints == []


# --- Insight --------------------------------------------------------------------------------------
def test_what_finds_nothing_leads_to_a_rule_and_to_judgments(page):
    work("Red boat", text="A red boat.")
    now = timezone.now().replace(second=0, microsecond=0)
    for query, found in (("zeppelin", 0), ("zeppelin", 0), ("boat", 9)):
        QueryLog.objects.create(
            at=now, query=query, key=query, count=found, milliseconds=5, source="site",
            relevance="strong" if found else "",
        )  # fmt: skip
    page.goto("/admin/search/querylog/insight/")
    expect(page.get_by_role("heading", name="3 searches in 30 days")).to_be_visible()
    page.get_by_role("link", name="7 days").click()
    page.wait_for_url("**days=7*")
    weak = page.locator("section", has_text="Searches without a good match")
    expect(weak.get_by_role("row", name="zeppelin 2 2 Curate")).to_be_visible()
    weak.get_by_role("link", name="Curate").click()
    assert page.get_by_label("Query:").input_value() == "zeppelin"
    page.get_by_label("Rewrite:").fill("red boat")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/curatedquery/")
    (hit,) = search.search(store.apply_rules(Query.parse("Zeppelin"))).hits
    assert hit.artwork.title == "Red boat"
    page.goto("/admin/search/querylog/?q=boat")
    page.locator(".action-select").check()
    page.get_by_label("Action:").select_option("judge")
    page.get_by_role("button", name="Go").click()
    page.get_by_text("1 added; 0 already existed.").wait_for()
    assert JudgmentQuery.objects.get().query == "boat"
    assert page.complaints == []


# --- Works in bulk, and models --------------------------------------------------------------------
@pytest.fixture
def candidate(tiny):
    """A second model that could answer as well as the active one."""
    tasks.embed_artworks([work(f"Boat {n}", seed=n, text="A red boat.").pk for n in range(3)])
    other = vector_model("other", tiny.dimension)
    rows = list(Embedding.objects.all())
    for row in rows:
        row.pk, row.model = None, other
    Embedding.objects.bulk_create(rows)
    for model in (tiny, other):
        hnsw_index.ensure(model)
    registry.mark_embedding(other)
    registry.mark_ready(other)
    return other


def test_a_model_answers_after_a_second_click_and_is_rolled_back(page, candidate, tiny):
    page.goto("/admin/search/embeddingmodel/")
    row = page.get_by_role("row", name="other ready")
    row.locator(".action-select").check()
    page.get_by_label("Action:").select_option("activate")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("heading", name="Activate other?")).to_be_visible()
    assert registry.active() == tiny
    page.get_by_role("button", name="Activate other").click()
    page.get_by_text("other is now active.").wait_for()
    assert registry.active() == candidate
    page.get_by_role("link", name="Roll back").click()
    page.get_by_role("button", name="Roll back to tiny-clip").click()
    page.get_by_text("tiny-clip is now active.").wait_for()
    assert registry.active() == tiny
    page.goto("/admin/search/experiment/add/")
    page.get_by_label("Candidate:").select_option(label="other")
    page.get_by_label("Share:").fill("0.2")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".action-select").check()
    page.get_by_label("Action:").select_option("end")
    page.get_by_role("button", name="Go").click()
    page.get_by_text("Ended: 1.").wait_for()
    assert not Experiment.objects.get().is_running
    assert page.complaints == []


def test_works_found_by_meaning_are_raised_and_embedded_again(page, candidate):
    page.goto("/admin/museum/artwork/")
    page.get_by_role("textbox", name="Search").fill("red boat")
    page.get_by_label("Search by").select_option("meaning")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    for action, said in (
        ("set_boost", "2: Ranking boost set to 0.5."),
        ("embed_again", "2 will be embedded by the next manage.py embed."),
        ("hide", "2: Hidden."),
    ):
        for box in page.locator(".action-select").all()[:2]:
            box.check()
        page.get_by_label("Action:").select_option(action)
        if action == "set_boost":
            page.get_by_label("by", exact=True).fill("0.5")
        page.get_by_role("button", name="Go").click()
        page.get_by_text(said).wait_for()
        page.wait_for_load_state()
    assert Artwork.objects.filter(boost=0.5, is_hidden=True).count() == 2
    assert page.complaints == []

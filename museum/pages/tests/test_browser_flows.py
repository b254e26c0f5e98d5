"""What visitors come to do, from page to page, in a real Chromium: on phones and on screens, with
scripts and without.
"""

import csv
import re
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import expect

from museum.models import Theme, ThemeWork
from museum.pages import descriptions
from operations.benchmarks.browser import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KINDS = pytest.mark.parametrize(("width", "scripts"), [(390, False), (1440, True)])
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
MOVING = """() => [...document.querySelectorAll("*")].filter(each => {
  const {transitionDuration, animationName} = getComputedStyle(each);
  return !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== "none";
}).length"""


@pytest.fixture
def theme(works):
    made = Theme.objects.create(
        title="Harbours", slug="harbours", text="Where boats rest.", published_from=timezone.now()
    )
    for place, each in enumerate(works[5:2:-1]):
        ThemeWork.objects.create(theme=made, artwork=each, position=place)
    return made


@KINDS
def test_a_theme_leads_to_its_works_and_a_work_to_its_artist(visit, theme, width, scripts):
    page = visit(width=width, java_script_enabled=scripts)
    page.get_by_role("link", name="Themes", exact=True).last.click()
    page.wait_for_url("**/themes")
    expect(page.get_by_text("Where boats rest.")).to_be_visible()
    page.get_by_role("link", name="Harbours").click()
    page.wait_for_url("**/themes/harbours")
    assert page.locator(".card h3").all_inner_texts() == ["Boat 5", "Boat 4", "Boat 3"]
    page.get_by_role("link", name="Boat 4").click()
    page.wait_for_url("**/artworks/*")
    page.get_by_role("link", name="The Harbour Workshop").first.click()
    page.wait_for_url("**/artists/*")
    assert page.get_by_role("heading", level=1).inner_text() == "The Harbour Workshop"
    page.get_by_role("link", name="Search among them").click()
    page.wait_for_url("**/search?artist=*")
    assert page.locator(".card").count() == 14
    page.go_back()
    assert page.evaluate(SIDEWAYS) == 0
    assert page.complaints == []


def test_a_set_is_collected_on_a_phone_and_ordered_and_taken_away_by_another(visit, works):
    page = visit(width=390, permissions=["clipboard-read", "clipboard-write"])
    for each in works[:3]:
        page.goto(each.get_absolute_url())
        page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Saved (3)").click()
    page.get_by_role("button", name="Copy the address").click()
    page.get_by_role("button", name="Copied").wait_for()
    shared = page.evaluate("navigator.clipboard.readText()")
    assert page.complaints == []

    other = visit(shared, java_script_enabled=False)
    assert other.get_by_role("button", name="Copy the address").count() == 0
    titles = ["Boat 1", "Boat 0", "Boat 2"]
    other.get_by_role("link", name=re.compile("Later ?: Boat 0")).click()
    other.wait_for_url("**/saved?works=" + ",".join(str(works[n].artic_id) for n in (1, 0, 2)))
    assert other.locator(".set h2").all_inner_texts() == titles
    taken = {}
    for name in ("CSV", "JSON"):
        with other.expect_download() as download:
            other.get_by_role("link", name=name).click()
        taken[download.value.suggested_filename] = Path(download.value.path())
    with taken["works.csv"].open(newline="") as table:
        assert [row["title"] for row in csv.DictReader(table)] == titles
    found = re.findall(r'"title": "([^"]+)"', taken["works.json"].read_text())
    assert found == titles
    manifest = other.get_by_role("link", name="IIIF manifest").get_attribute("href")
    items = other.request.get(manifest).json()["items"]
    assert [item["label"]["none"] for item in items] == [[title] for title in titles]


def test_a_citation_is_copied(visit, works):
    page = visit(works[0].get_absolute_url(), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    said = page.evaluate("navigator.clipboard.readText()")
    assert said.startswith("The Harbour Workshop, Boat 0, 1901. http")


def test_a_search_is_composed_on_a_phone(visit, works):
    page = visit("/search?q=boat", width=390)

    page.get_by_text("Change this search").click()
    page.get_by_label("Add words").fill("sea")
    page.get_by_label("Leave out").fill("people")
    page.get_by_label("Wish for").check()
    page.get_by_role("button", name="Search again").click()
    page.wait_for_url("**color=*")
    page.get_by_text("Change this search").click()
    page.get_by_label("Weight: the words").select_option("more")
    page.get_by_role("button", name="Search again").click()
    page.wait_for_url("**w_text=2*")
    chips = " ".join(page.locator(".chip").all_inner_texts())
    for said in ("boat", "sea", "without people", "coloured like", "the words × 2"):  # noqa: RUF001
        assert said in chips
    assert page.evaluate(SIDEWAYS) == 0
    page.get_by_role("link", name="Remove “people”").click()
    expect(page.locator(".chips")).not_to_contain_text("people")
    assert "people" not in page.url
    assert page.complaints == []


def test_a_work_found_is_asked_for_more_and_for_less(visit, works):
    page = visit("/search?q=boat")
    first = page.locator(".card").first
    first.hover()
    first.get_by_role("link", name="More like this").click()
    page.wait_for_url("**like=*")
    # By keys: a page that scrolls takes the card from under a pointer that stays where it is.
    second = page.locator(".card").nth(1)
    second.locator("h3 a").focus()
    second.get_by_role("link", name="Less like this").press("Enter")
    page.wait_for_url("**unlike=*")
    expect(page.get_by_role("link", name=re.compile("Remove “Boat"))).to_have_count(2)


def test_a_detail_is_drawn_with_a_finger(visit, works):
    page = visit(works[0].get_absolute_url(), width=390, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Search a detail").tap()
    page.locator(".detail").wait_for()
    box = page.locator(".sheet").bounding_box()
    wire = page.context.new_cdp_session(page)

    def touch(kind, *share):
        points = [{"x": box["x"] + box["width"] * x, "y": box["y"] + box["height"] * y}
                  for x, y in share]  # fmt: skip
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0.25, 0.25))
    touch("touchMove", (0.5, 0.5))
    touch("touchEnd")
    # Chromium makes no click of a tap that follows touches that were sent to it.
    page.get_by_role("button", name="Search this detail").click()
    page.wait_for_url(re.compile(r"box=0\.2[45]\d*,0\.2[45]\d*,0\.2[456]\d*,0\.2[456]\d*$"))
    assert page.evaluate(SIDEWAYS) == 0


@KINDS
def test_the_language_is_switched_and_stays(visit, width, scripts):
    page = visit("/search?q=boat", width=width, java_script_enabled=scripts)
    page.get_by_role("button", name="Español").click()
    page.locator("html[lang=es] .card").first.wait_for()
    assert page.url.endswith("/search?q=boat")
    heading = page.get_by_role("heading", name="Filtrar y ordenar")
    expect(heading).to_have_count(int(width > 1000))
    page.goto("/themes")
    assert page.get_by_role("heading", level=1).inner_text() == "Temas"
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Themes").wait_for()


@KINDS
def test_an_outage_is_said_and_the_search_kept_until_it_is_over(
    visit, works, monkeypatch, width, scripts
):
    page = visit("/about", width=width, java_script_enabled=scripts)

    def gone(*given):
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(descriptions, "load_alt_texts", gone)  # every page with works asks for these
        for path in ("/", "/search?q=boat", works[0].get_absolute_url(), "/themes"):
            assert page.goto(path).status == 503, path
            outage = page.get_by_role("heading", name="Search is not available right now")
            expect(outage).to_be_visible()
        page.goto("/search?q=boat")
        with suppress(axe.AxeMissingError):
            assert not scripts or axe.violations(page) == []
        assert page.evaluate(SIDEWAYS) == 0
    page.get_by_role("button", name="Try again").click()
    page.locator(".card").first.wait_for()
    assert page.url.endswith("/search?q=boat")


def test_large_text_and_small_screens_keep_pages_whole(visit, works, theme):
    page = visit("/about", width=1280)
    paths = ["/", "/search?q=boat+-people&color=%23aa0000#filters", "/themes/harbours", "/map"]
    paths += ["/compare", "/api/docs", f"/saved?works={works[0].artic_id}"]
    for width, size in ((320, "100%"), (640, "100%"), (1280, "200%")):
        page.set_viewport_size({"width": width, "height": 800})
        for path in [*paths, works[0].get_absolute_url()]:
            page.goto(path)
            page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            page.evaluate("for (const each of document.querySelectorAll('details')) each.open = 1")
            assert page.evaluate(SIDEWAYS) == 0, (path, width, size)


def test_nothing_moves_for_those_who_ask_for_calm_and_paper_has_no_controls(visit, works):
    page = visit("/search?q=boat", reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) > 0
    page.emulate_media(media="print")
    for hidden in ("#q", ".panel", ".tools", ".site", ".acts"):
        expect(page.locator(hidden).first, hidden).not_to_be_visible()
    expect(page.locator(".card img").first).to_be_visible()
    page.goto(works[0].get_absolute_url())
    expect(page.get_by_text("Oil on board")).to_be_visible()
    expect(page.get_by_alt_text("A boat on a grey sea.").first).to_be_visible()
    for hidden in (".doings", ".plate-tools", ".copy"):
        expect(page.locator(hidden).first, hidden).not_to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"

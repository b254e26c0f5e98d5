"""Flows through the site in a real Chromium."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from playwright.sync_api import expect

from testing.page_factories import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The works' text as the eye meets it: each element that has text of its own, its colour and the
# colours behind it. Colours here are opaque, so the nearest painted ground is the one that counts.
CONTRAST = """() => {
  const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = colour => {
    const [x, y, z] = colour.map(linear);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const ground = element => {
    for (; element; element = element.parentElement) {
      const found = rgb(getComputedStyle(element).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own && element.tagName !== 'INPUT') continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
# Frames by the row that they stand in, and how far each picture's shape is from its own.
WALL = """() => [...document.querySelectorAll('.wall .card-frame')].map(frame => {
  const box = frame.getBoundingClientRect(), img = frame.querySelector('img:not(.card-blur)');
  const own = img.getAttribute('width') / img.getAttribute('height');
  return {top: Math.round(box.top), height: box.height, right: box.right,
          stretch: (box.width / box.height) / own};
})"""
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 300);
})"""


def find_and_open(page) -> None:
    """Type a query, open the first work, and come back."""
    page.get_by_label("Describe a picture", exact=True).first.fill("boat at sea")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=boat+at+sea")
    assert page.get_by_role("heading", level=1).inner_text() == "boat at sea"
    title = page.locator(".card a").first.inner_text()
    page.locator(".card").first.click()
    page.wait_for_url("**/artworks/*")
    assert page.get_by_role("heading", level=1).inner_text() == title
    expect(page.get_by_alt_text("A boat on a grey sea.").first).to_be_visible()
    page.get_by_role("link", name="Back to").click()
    page.wait_for_url("**/search?q=boat+at+sea")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_visitor_finds_a_work_opens_it_and_comes_back(visit, width, scripts):
    page = visit(width=width, java_script_enabled=scripts)
    find_and_open(page)
    assert page.complaints == []


def test_the_browsers_own_back_button_keeps_the_search(visit):
    page = visit("/search?q=boat&limit=4&offset=4")
    page.locator(".card a").first.click()
    page.wait_for_url("**/artworks/*")
    page.go_back()
    assert page.url.endswith("/search?q=boat&limit=4&offset=4")
    assert page.locator("#q").input_value() == "boat"


def test_pages_are_turned_by_links(visit):
    page = visit("/search?q=boat&limit=10")
    first = page.locator(".card h3").all_inner_texts()
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**cursor=*")
    assert not set(first) & set(page.locator(".card h3").all_inner_texts())
    page.get_by_role("link", name="Previous page").click()
    page.wait_for_url(re.compile(r"limit=10$"))


def test_the_keyboard_alone_is_enough(visit):
    page = visit()
    press = page.keyboard.press
    focused = "document.activeElement"
    press("Tab")
    assert page.evaluate(f"{focused}.textContent") == "Skip to content"
    press("Enter")
    assert page.evaluate(f"{focused}.id") == "content"
    press("Tab")
    assert page.evaluate(f"{focused}.name") == "q"
    page.keyboard.type("boat")
    press("Enter")
    page.wait_for_url("**/search?q=boat")
    for _ in range(12):  # the frame of the page and what changes the search come first
        press("Tab")
        if page.evaluate(f"{focused}.closest('.card') !== null"):
            break
    outline = page.evaluate(f"getComputedStyle({focused}.closest('.card')).outlineStyle")
    assert outline == "solid"
    press("Enter")
    page.wait_for_url("**/artworks/*")


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_no_page_scrolls_sideways(visit, works, width):
    long = work("Untitled" * 30, size=(300, 200), text="w" * 400, medium_display="m" * 300)
    page = visit(width=width)
    paths = ["/", "/search?q=boat", "/search?q=" + "x" * 300, "/search?limit=x", "/nothing"]
    paths += ["/search?q=boat&year_from=1800&has_picture=true#filters", "/about", "/themes"]
    paths += [f"/artists/{works[0].artist_id}", f"/saved?works={long.artic_id}", "/saved"]
    for path in [*paths, works[3].get_absolute_url(), long.get_absolute_url()]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit, works, scheme):
    work("A work without a picture")
    page = visit(color_scheme=scheme)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (light == "rgb(253, 253, 251)") == (scheme == "light")
    paths = ["/", "/search?q=boat", "/search?q=picture", "/search?q=zzz", "/search?limit=x"]
    for path in [*paths, "/nothing", works[0].get_absolute_url()]:
        page.goto(path)
        assert page.evaluate(CONTRAST) == [], path


@pytest.mark.parametrize("width", [390, 1440])
def test_pictures_in_a_row_end_at_one_height_and_keep_their_shapes(visit, width):
    page = visit("/search?q=boat", width=width)
    frames = page.evaluate(WALL)
    rows = {}
    for frame in frames:
        rows.setdefault(frame["top"], []).append(frame)
    assert len(rows) < len(frames)
    for row in rows.values():
        assert max(f["height"] for f in row) - min(f["height"] for f in row) < 1
    fitting = [f for f in frames if abs(f["stretch"] - 1) < 0.02]
    # The two sizes beyond the widest and the narrowest frame are shown whole within theirs.
    assert len(frames) - len(fitting) == page.locator(".is-whole").count() == 4


def test_nothing_moves_while_pictures_arrive(visit, works):
    page = visit("/nothing")
    page.route("**/iiif/**", lambda route: (page.wait_for_timeout(80), route.continue_()))
    for path in ["/", "/search?q=boat", works[0].get_absolute_url()]:
        page.goto(path, wait_until="load")
        assert page.evaluate(SHIFTS) <= 0.02, path


def test_pages_ask_this_site_alone(visit, works, live_server):
    page = visit("/nothing")
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    for path in ["/", "/search?q=boat", works[0].get_absolute_url()]:
        page.goto(path, wait_until="networkidle")
    assert hosts - {""} == {urlsplit(live_server.url).netloc}


def test_a_picture_that_does_not_arrive_leaves_its_text(visit, works, media_folder):
    for path in media_folder.rglob("*"):
        path.unlink() if path.is_file() else None
    page = visit(works[0].get_absolute_url())
    broken = page.get_by_alt_text("A boat on a grey sea.").first
    assert broken.evaluate("img => getComputedStyle(img, '::after').content") == (
        '"A boat on a grey sea."'
    )
    assert broken.bounding_box()["height"] > 100


def test_the_admin_works_under_the_content_security_policy(visit, works):
    User.objects.create_superuser("curator", password="a long password")
    page = visit("/admin/")
    page.get_by_label("Username").fill("curator")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()
    for path in ["artwork/", "artist/", "description/", f"artwork/{works[0].pk}/change/"]:
        page.goto(f"/admin/museum/{path}", wait_until="networkidle")
    page.get_by_label("Is hidden").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/museum/artwork/")
    works[0].refresh_from_db()
    assert works[0].is_hidden
    assert page.complaints == []


def test_screenshots_are_taken_from_a_running_site(visit, live_server, tmp_path, monkeypatch):
    # Playwright runs once a thread, and the fixture runs it already.
    page = visit()
    monkeypatch.setattr(
        "operations.management.commands.screenshots.chromium", lambda: _Borrowed(page)
    )
    wanted = ["results", "artist", "theme", "nothing"]
    options = {"query": "boat", "out": tmp_path / "shots", "pages": wanted}
    call_command("screenshots", url=live_server.url, **options)
    shots = sorted(path.name for path in (tmp_path / "shots").iterdir())
    assert len(shots) == 4 * 3  # no theme has been published
    assert {"results-390-dark.jpg", "artist-1440-light.jpg", "nothing-390-light.jpg"} <= set(shots)
    assert all(path.stat().st_size <= 60_000 for path in (tmp_path / "shots").iterdir())


class _Borrowed:
    def __init__(self, page):
        self.browser = page.context.browser

    def __enter__(self):
        return self.browser

    def __exit__(self, *error):
        return None

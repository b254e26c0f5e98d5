"""A curator at work, in a real Chromium."""

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import expect

from museum.models import Artwork, Description, Theme, ThemeWork
from operations.benchmarks.browser import axe
from testing.factories import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sign_in(visit):
    """Open a page of the admin as somebody of a group, by the form that asks for it."""

    def open_page(path, group="curator", **options):
        user = User.objects.create_user(group, password="a long one", is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=group)[0])
        page = visit(f"/admin/login/?next={path}", **options)
        page.get_by_label("Username").fill(group)
        page.get_by_label("Password").fill("a long one")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**{path}")
        return page

    return open_page


@pytest.fixture
def captions(media_folder):
    return [
        Description.objects.create(
            artwork=work(title, size=(300, 200)), source="generated", text=f"{title} in fog.",
            is_approved=False,
        )
        for title in ("Boat", "Ship", "Barque")
    ]  # fmt: skip


REVIEW = "/admin/museum/description/review/"


def test_texts_are_reviewed_by_keyboard(sign_in, captions):
    page = sign_in(REVIEW)
    focused = "document.activeElement.ariaLabel"
    assert page.evaluate(focused) == "Boat"
    said = page.get_by_role("status")
    press = page.keyboard.press
    press("a")
    said.filter(has_text="Approved: Boat").wait_for()
    assert page.evaluate(focused) == "Ship"
    press("ArrowRight")
    assert page.evaluate(focused) == "Barque"
    press("e")
    press("Control+a")
    page.keyboard.type("A barque leaves Leith.")
    press("Control+Enter")
    said.filter(has_text="Written anew: Barque").wait_for()
    press("r")
    page.get_by_text("Nothing waits here.").wait_for()
    states = dict(Description.objects.filter(source="generated").values_list("text", "is_approved"))
    assert states == {"Boat in fog.": True, "Ship in fog.": False, "Barque in fog.": False}
    assert Description.objects.get(source="curator").text == "A barque leaves Leith."
    assert page.complaints == []


def test_a_curators_day_without_scripts(sign_in, captions):
    page = sign_in(REVIEW, java_script_enabled=False)
    page.get_by_role("form", name="Boat").get_by_role("button", name="Approve").click()
    page.get_by_text("Approved: Boat").wait_for()
    page.goto("/admin/museum/artwork/")
    page.get_by_role("textbox", name="Search").fill("ship")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Ship").click()
    page.get_by_label("Is hidden").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    assert Artwork.objects.get(title="Ship").is_hidden
    assert page.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(820, "dark"), (1440, "light")])
def test_pages_of_curators_suit_everyone(sign_in, captions, width, scheme):
    """On a tablet and on a screen, in either scheme: axe finds nothing, no policy is broken."""
    page = sign_in("/admin/", width=width, color_scheme=scheme)
    form = f"/admin/museum/artwork/{captions[0].artwork_id}/change/"
    found = {}
    theme = Theme.objects.create(title="Fog", slug="fog")
    ThemeWork.objects.create(theme=theme, artwork=captions[0].artwork)
    themes = "/admin/museum/theme/"
    for path in [
        "/admin/",
        "/admin/museum/artwork/",
        form,
        REVIEW,
        themes,
        f"{themes}{theme.pk}/change/",
    ]:
        page.goto(path)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, path
        assert page.complaints == [], path
        try:
            found[path] = axe.violations(page)
        except axe.AxeMissingError as error:
            pytest.skip(str(error))
        page.complaints.clear()  # axe tries styles of its own
    assert not any(found.values()), found


def test_two_curators_and_a_theme_of_works_found(sign_in, captions):
    one = captions[0].artwork
    form = f"/admin/museum/artwork/{one.pk}/change/"
    ada, bea = sign_in(form), sign_in(form, "editor")
    for page, title in ((ada, "Lugger"), (bea, "Cutter")):
        page.get_by_label("Title:", exact=True).fill(title)
    ada.get_by_role("button", name="Save", exact=True).click()
    ada.get_by_text("was changed successfully").wait_for()
    bea.get_by_role("button", name="Save", exact=True).click()
    bea.get_by_role("heading", name="Changed meanwhile, last by curator").wait_for()
    expect(bea.get_by_role("cell", name="Lugger")).to_be_visible()
    assert bea.get_by_label("Title:", exact=True).input_value() == "Cutter"
    assert Artwork.objects.get(pk=one.pk).title == "Lugger"
    bea.goto("/admin/museum/artwork/?q=fog")
    for box in bea.locator(".action-select").all()[:2]:
        box.check()
    bea.get_by_label("Action:").select_option("make_theme")
    bea.get_by_role("button", name="Go").click()
    bea.get_by_label("Title:").fill("Fog")
    bea.get_by_role("button", name="Save", exact=True).click()
    bea.get_by_text("was added successfully").wait_for()
    theme = Theme.objects.get(slug="fog")
    before = list(theme.visible_works())
    assert len(before) == 2
    bea.get_by_role("link", name="Fog").first.click()
    bea.get_by_label("Position").first.press("Alt+ArrowRight")
    bea.get_by_role("button", name="Save", exact=True).click()
    bea.get_by_text("was changed successfully").wait_for()
    assert list(theme.visible_works()) == before[::-1]
    # Not shown before an editor says from when on.
    visitor = bea.context.new_page()
    visitor.goto("/themes")
    assert not visitor.get_by_role("link", name="Fog").count()
    bea.get_by_role("link", name="Fog").first.click()
    for shortcut in ("Today", "Now"):
        bea.get_by_role("link", name=shortcut).first.click()
    bea.get_by_role("button", name="Save", exact=True).click()
    bea.get_by_text("was changed successfully").wait_for()
    visitor.reload()
    visitor.get_by_role("link", name="Fog").first.click()
    visitor.wait_for_url("**/themes/fog")
    expect(visitor.get_by_role("heading", name="Fog")).to_be_visible()
    bea.goto(form.replace("change", "history"))
    expect(bea.get_by_role("row", name="curator").first).to_be_visible()
    expect(bea.get_by_text("Lugger").first).to_be_visible()


def test_a_missing_alternative_text_is_written_by_keyboard(sign_in, captions):
    page = sign_in(f"{REVIEW}?queue=missing")
    for key in ("e", "A", "Control+Enter"):
        page.keyboard.press(key)
    page.get_by_role("status").filter(has_text="Written: ").wait_for()
    assert Description.objects.get(source="curator_alt_text").text == "A"
    assert page.complaints == []

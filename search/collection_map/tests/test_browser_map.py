"""The map in a real Chromium, with scripts and without."""

import re
from contextlib import suppress

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from museum.conftest import visit, works  # noqa: F401 - fixtures
from operations.benchmarks.browser import axe
from search.collection_map.tests.test_maps import blobs
from testing.factories import give_vector, vector_model

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def drawn(works):
    model = vector_model(state="active", fingerprint="f" * 32)
    for each, vector in zip(works, blobs(5)[0], strict=False):
        give_vector(each, model, vector)
    call_command("map", linear=True)
    return works


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_the_map_is_read_by_the_keyboard_alone(visit, drawn, width, scheme):
    page = visit("/map?q=boat", width=width, color_scheme=scheme)
    chart = page.get_by_role("application")
    chart.focus()
    for key in ("+", "ArrowLeft", "ArrowUp", "-", "0"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    card = page.locator(".map-card a")
    card.wait_for()
    assert "Boat" in card.inner_text()
    with suppress(axe.AxeMissingError):
        assert axe.violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
    card.click()
    page.wait_for_url("**/artworks/*")


def test_the_pointer_moves_the_map_and_chooses_a_work(visit, drawn):
    page = visit("/map")
    chart = page.get_by_role("application")
    chart.wait_for()
    before = chart.screenshot()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 380, box["y"] + 340, steps=4)
    page.mouse.up()
    assert page.locator(".map-card a").count() == 0
    assert chart.screenshot() != before
    page.get_by_role("button", name="Whole map").click()
    page.get_by_role("button", name="Zoom in").click()
    chart.focus()
    page.keyboard.press("Enter")
    page.locator(".map-card a").wait_for()
    assert page.complaints == []


def test_without_scripts_regions_are_links_under_a_drawing(visit, drawn):
    page = visit("/map?q=boat", java_script_enabled=False)
    expect(page.locator(".map-drawing image")).to_be_visible()
    page.locator(".map-regions a").first.click()
    page.wait_for_url(re.compile(r"/map\?q=boat&region=0$"))
    assert page.locator(".wall .card").count()
    with suppress(axe.AxeMissingError):
        page.get_by_role("link", name="Whole map").click()
    page.wait_for_url("**/map?q=boat")

"""axe-core finds nothing on any page (WCAG 2.2 AA and its best practices)."""

import pytest
from django.utils import timezone

from museum.models import Theme, ThemeWork
from operations.benchmarks.browser.axe import AxeMissingError, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paths(works):
    theme = Theme.objects.create(title="Boats", slug="boats", published_from=timezone.now())
    ThemeWork.objects.create(theme=theme, artwork=works[0])
    one, other = works[:2]
    asked = f"q=boat+-people&like={one.artic_id}&has_picture=true&colour=%232d5fa4"
    return [
        "/",
        "/search",
        "/search?q=boat",
        f"/search?{asked}",
        "/search?q=zzz",
        "/search?limit=x",
        one.get_absolute_url() + "?q=boat",
        "/themes",
        "/themes/boats",
        f"/artists/{one.artist_id}",
        f"/saved?works={one.artic_id},{other.artic_id}",
        "/saved",
        "/about",
        "/api/docs",
        "/nothing",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_axe_finds_nothing(visit, paths, width, scheme):
    page = visit("/about", width=width, color_scheme=scheme)
    for path in [*paths, "/search?q=boat#filters"]:
        page.goto(path)
        try:
            assert violations(page) == [], path
        except AxeMissingError as error:
            pytest.skip(str(error))


def test_axe_finds_what_is_wrong(visit):
    page = visit("/about")
    page.evaluate("document.body.append(document.createElement('img'))")
    try:
        assert [each for each in violations(page) if each.startswith("image-alt")]
    except AxeMissingError as error:
        pytest.skip(str(error))

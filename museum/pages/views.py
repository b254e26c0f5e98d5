"""The home page, robots.txt and the icon."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from museum.models import ExampleSearch
from museum.pages import home
from museum.pages.listings import published_themes

FEATURED_WORKS = 24
FEATURED_THEMES = 4
# Each collection has examples of its own: a search without good results makes a poor first
# impression.
SAMPLE_EXAMPLES = [
    "red boat at sunset",
    "lighthouse in a storm",
    "yellow flowers in a vase",
    "a cat by the lamp",
    "snow at night",
]
EXAMPLES = [
    "stormy sea",
    "a woman reading by a window",
    "apples on a white cloth",
    "city street in the rain",
    "gold and blue",
]


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    """Show the search field, a few searches to try, themes and works."""
    context = {
        "works": home.featured_works(FEATURED_WORKS),
        "themes": published_themes(FEATURED_THEMES),
        "examples": examples(),
        "canonical": settings.SITE_URL + request.path,
    }
    return render(request, "museum/home.html", context)


def examples() -> list[str]:
    """Return the searches to try that curators chose, or else the ones that ship."""
    curated = ExampleSearch.objects.filter(is_active=True).values_list("query", flat=True)
    shipped = SAMPLE_EXAMPLES if home.collection_label().all_generated else EXAMPLES
    return list(curated) or shipped


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let search engines index works, but not the endless search pages."""
    lines = ["User-agent: *", "Disallow: /search", "Disallow: /api/", "Disallow: /admin/"]
    lines += [
        "Disallow: /saved",
        "Disallow: /compare",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect to the icon; browsers request this on pages without one, such as the admin's."""
    return redirect(static("icon.svg"))

"""The home page, and what only programs read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from museum.models import ExampleSearch
from museum.pages import home as home_module
from museum.pages.listings import published_themes

WALL_SIZE = 24
THEMES = 4
# A search that finds nothing fitting makes a poor first impression, so each has its own.
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
def home(request: HttpRequest) -> HttpResponse:
    """One search field, a few searches to try, and a wall of works."""
    context = {
        "works": home_module.wall(WALL_SIZE),
        "themes": published_themes(THEMES),
        "examples": examples(),
        "canonical": settings.SITE_URL + request.path,
    }
    return render(request, "museum/home.html", context)


def examples() -> list[str]:
    """The searches to try that curators chose, or else those that ship."""
    curated = ExampleSearch.objects.filter(is_active=True).values_list("query", flat=True)
    shipped = SAMPLE_EXAMPLES if home_module.label().all_generated else EXAMPLES
    return list(curated) or shipped


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Works may be indexed; endless search pages may not."""
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
    """Browsers ask here on pages that name no icon, such as the admin's."""
    return redirect(static("icon.svg"))

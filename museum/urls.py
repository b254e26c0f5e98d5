"""The URLs of the site."""

from django.contrib import admin
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from museum.images import iiif_views
from museum.pages import listings, views
from museum.pages.sitemaps import SITEMAPS

urlpatterns = [
    path("", views.home_page, name="home"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, {"sitemaps": SITEMAPS}, name="sitemap-index"),
    path(
        "sitemap-<section>.xml",
        sitemaps.sitemap,
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    # Exempt: a forged request could only change the language of the pages.
    path("language", csrf_exempt(set_language), name="set_language"),
    path("themes", listings.themes, name="themes"),
    path("themes/<slug:slug>", listings.theme, name="theme"),
    path("artists/<int:pk>", listings.artist, name="artist"),
    path("admin/", admin.site.urls),
    re_path(r"^iiif/2/(?P<sha256>[0-9a-f]{64})/(?P<parameters>.+)$", iiif_views.image, name="iiif"),
    path("", include("operations.urls")),
    path("", include("search.urls")),
]

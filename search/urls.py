"""Addresses of search: the API, and the pages."""

from django.urls import URLPattern, URLResolver, include, path

from search import health, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("search.api.urls")),
    path("search", views.results, name="search"),
    path("search/refine", views.refine, name="refine"),
    path("artworks/<int:artic_id>", views.artwork, name="artwork"),
    path("readyz", health.ready, name="readyz"),
]

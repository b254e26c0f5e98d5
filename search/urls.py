"""Addresses of search: the API here, the pages below it."""

from django.urls import URLPattern, path

from search import health, views
from search.api import SearchView

api_urlpatterns: list[URLPattern] = [
    path("api/search", SearchView.as_view(), name="api-search"),
]

urlpatterns: list[URLPattern] = [
    *api_urlpatterns,
    path("search", views.results, name="search"),
    path("artworks/<int:artic_id>", views.artwork, name="artwork"),
    path("readyz", health.ready, name="readyz"),
]

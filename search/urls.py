"""Addresses of search: the API here, the pages below it."""

from django.urls import URLPattern, path

from search.api import SearchView

api_urlpatterns: list[URLPattern] = [
    path("api/search", SearchView.as_view(), name="api-search"),
]

urlpatterns: list[URLPattern] = [
    *api_urlpatterns,
]

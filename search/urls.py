"""Addresses of search: the API, and the pages."""

from django.urls import URLPattern, URLResolver, include, path

from search import ab, about, compare, composer, health, saved, views
from search.maps import views as maps

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("search.api.urls")),
    path("search", views.results, name="search"),
    path("ab/click", ab.click, name="ab-click"),
    path("search/refine", composer.refine, name="refine"),
    path("artworks/<int:artic_id>", views.artwork, name="artwork"),
    path("artworks/<int:artic_id>/manifest.json", views.work_manifest, name="artwork-manifest"),
    path("saved", saved.page, name="saved"),
    path("saved.csv", saved.export_csv, name="saved-csv"),
    path("saved.json", saved.export_json, name="saved-json"),
    path("saved/manifest.json", saved.export_manifest, name="saved-manifest"),
    path("map", maps.page, name="map"),
    path("map/works", maps.works, name="map-works"),
    path("map/points/<slug:digest>", maps.points, name="map-points"),
    path("map/picture/<slug:digest>", maps.drawing, name="map-picture"),
    path("compare", compare.page, name="compare"),
    path("compare/vote", compare.vote, name="vote"),
    path("about", about.page, name="about"),
    path("readyz", health.ready, name="readyz"),
]

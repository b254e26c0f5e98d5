"""URLs of the API and of the search pages."""

from django.urls import URLPattern, URLResolver, include, path

from search.collection_map import views as maps
from search.experiments import ab_testing
from search.pages import about, artwork, compare_models, readiness, refine, results, saved_works

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("search.api.urls")),
    path("search", results.results, name="search"),
    path("ab/click", ab_testing.click, name="ab-click"),
    path("search/refine", refine.refine, name="refine"),
    path("artworks/<int:artic_id>", artwork.artwork, name="artwork"),
    path("artworks/<int:artic_id>/manifest.json", artwork.work_manifest, name="artwork-manifest"),
    path("saved", saved_works.page, name="saved"),
    path("saved.csv", saved_works.export_csv, name="saved-csv"),
    path("saved.json", saved_works.export_json, name="saved-json"),
    path("saved/manifest.json", saved_works.export_manifest, name="saved-manifest"),
    path("map", maps.page, name="map"),
    path("map/works", maps.works, name="map-works"),
    path("map/points/<slug:digest>", maps.points, name="map-points"),
    path("map/picture/<slug:digest>", maps.drawing, name="map-picture"),
    path("compare", compare_models.page, name="compare"),
    path("compare/vote", compare_models.vote, name="vote"),
    path("about", about.page, name="about"),
    path("readyz", readiness.ready, name="readyz"),
]

"""Addresses under `/api/`."""

from django.urls import path, re_path

from search.api import collections, counts, docs, views
from search.api.base import NotFoundView

urlpatterns = [
    path("search", views.SearchView.as_view(), name="api-search"),
    path("artworks/<int:id>", views.ArtworkView.as_view(), name="api-artwork"),
    path("artworks/<int:id>/similar", views.SimilarView.as_view(), name="api-similar"),
    path("suggest", views.SuggestView.as_view(), name="api-suggest"),
    path("models", views.ModelsView.as_view(), name="api-models"),
    path("facets", counts.FacetsView.as_view(), name="api-facets"),
    path("collections", collections.CollectionsView.as_view(), name="api-collections"),
    path("collections/<slug:slug>", collections.CollectionView.as_view(), name="api-collection"),
    path("schema", docs.SchemaView.as_view(), name="api-schema"),
    path("docs", docs.page, name="api-docs"),
    re_path("", NotFoundView.as_view()),
]

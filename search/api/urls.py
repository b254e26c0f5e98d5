"""Addresses under `/api/`."""

from django.urls import path, re_path

from search.api import artworks, collections, docs, facets, models, search, suggest
from search.api.base import NotFoundView

urlpatterns = [
    path("search", search.SearchView.as_view(), name="api-search"),
    path("artworks/<int:id>", artworks.ArtworkView.as_view(), name="api-artwork"),
    path("artworks/<int:id>/similar", artworks.SimilarView.as_view(), name="api-similar"),
    path("suggest", suggest.SuggestView.as_view(), name="api-suggest"),
    path("models", models.ModelsView.as_view(), name="api-models"),
    path("facets", facets.FacetsView.as_view(), name="api-facets"),
    path("collections", collections.CollectionsView.as_view(), name="api-collections"),
    path("collections/<slug:slug>", collections.CollectionView.as_view(), name="api-collection"),
    path("schema", docs.SchemaView.as_view(), name="api-schema"),
    path("docs", docs.page, name="api-docs"),
    re_path("", NotFoundView.as_view()),
]

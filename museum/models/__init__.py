"""The collection: artists, artworks, texts about them, themes and example searches."""

from museum.models.artist import Artist
from museum.models.artwork import Artwork, ArtworkQuerySet, ImageStatus
from museum.models.description import Description, DescriptionQuerySet
from museum.models.example_search import ExampleSearch
from museum.models.theme import MAX_THEME_WORKS, Theme, ThemeQuerySet, ThemeWork, covers

__all__ = [
    "MAX_THEME_WORKS",
    "Artist",
    "Artwork",
    "ArtworkQuerySet",
    "Description",
    "DescriptionQuerySet",
    "ExampleSearch",
    "ImageStatus",
    "Theme",
    "ThemeQuerySet",
    "ThemeWork",
    "covers",
]

"""The collection: artists, artworks, the texts about them, themes and example searches."""

from museum.models.artist import Artist
from museum.models.artwork import SCOPE, Artwork, ArtworkQuerySet, ImageStatus
from museum.models.description import Description, DescriptionQuerySet
from museum.models.example_search import ExampleSearch
from museum.models.theme import MOST, Theme, ThemeQuerySet, ThemeWork, covers

__all__ = [
    "MOST",
    "SCOPE",
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

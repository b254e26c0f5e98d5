"""TODO models."""

from museum.models.artist import Artist
from museum.models.artwork import SCOPE, Artwork, ImageStatus
from museum.models.description import Description
from museum.models.example_search import ExampleSearch
from museum.models.theme import MOST, Theme, ThemeQuerySet, ThemeWork, covers

__all__ = [
    "MOST",
    "SCOPE",
    "Artist",
    "Artwork",
    "Description",
    "ExampleSearch",
    "ImageStatus",
    "Theme",
    "ThemeQuerySet",
    "ThemeWork",
    "covers",
]

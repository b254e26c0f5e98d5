"""The tiny model of search's tests."""

from search.conftest import checkpoint, tiny

__all__ = ["checkpoint", "tiny"]

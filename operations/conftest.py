"""The tiny model of search's tests."""

from search.conftest import checkpoint, tiny  # noqa: F401

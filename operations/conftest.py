"""The tiny model of search's tests."""

from search.conftest import tiny  # noqa: F401

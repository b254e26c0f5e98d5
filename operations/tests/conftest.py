"""The tiny model of search's tests."""

from search.tests.conftest import checkpoint, tiny  # noqa: F401

"""Sentences translated when they are read: what is kept once is read in several languages."""

from typing import Any, cast

from django.utils.text import format_lazy


def lazily(text: Any, **values: object) -> str:
    """Return `text`, a lazy translation, with `{name}` in it filled; str() of it says it."""
    return cast(str, format_lazy(text, **values))

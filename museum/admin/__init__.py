"""The collection in the admin; each part in a file of its own."""

from museum.admin import log_entries, texts, themes, works

__all__ = ["audit", "texts", "themes", "works"]

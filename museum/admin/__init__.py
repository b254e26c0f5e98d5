"""The collection in the admin."""

from museum.admin import log_entries, texts, themes, works

__all__ = ["log_entries", "texts", "themes", "works"]

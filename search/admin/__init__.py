"""Search in the admin: models, tokens, works, and what curators decide about searches."""

from search.admin import curation, log, models, tokens, works

__all__ = ["curation", "log", "models", "tokens", "works"]

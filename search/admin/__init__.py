"""Search in the admin: models, tokens, and what curators decide about searches."""

from search.admin import curation, log, models, tokens

__all__ = ["curation", "log", "models", "tokens"]

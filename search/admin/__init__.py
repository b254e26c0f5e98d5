"""Search in the admin: models, tokens, and what curators decide about searches."""

from search.admin import curation, models, tokens

__all__ = ["curation", "models", "tokens"]

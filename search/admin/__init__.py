"""Search in the admin: models, tokens, works, and what curators decide about searches."""

from search.admin import curation, experiments, judgments, models, query_log, tokens, votes, works

__all__ = [
    "curation", "experiments", "judgments", "log", "models", "tokens", "votes", "works",
]  # fmt: skip

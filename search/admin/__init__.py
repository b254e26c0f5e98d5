"""The admin of search: models, tokens, works, curated searches, judgments and logs."""

from search.admin import curation, experiments, judgments, models, query_log, tokens, votes, works

__all__ = [
    "curation",
    "experiments",
    "judgments",
    "models",
    "query_log",
    "tokens",
    "votes",
    "works",
]  # fmt: skip

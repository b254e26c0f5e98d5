"""Embeddings and their models, curation, judgments, experiments and the query log."""

from search.models.api_tokens import ApiToken
from search.models.curation import CuratedQuery, CuratedWork, Synonyms
from search.models.embeddings import Embedding, EmbeddingModel
from search.models.experiments import LONGEST, Click, Experiment, Outcome, Z, end_all, running
from search.models.judgments import Judgment, JudgmentQuery, PooledWork
from search.models.query_log import QueryLog, Retrievals
from search.models.votes import Vote

__all__ = [
    "LONGEST",
    "ApiToken",
    "Click",
    "CuratedQuery",
    "CuratedWork",
    "Embedding",
    "EmbeddingModel",
    "Experiment",
    "Judgment",
    "JudgmentQuery",
    "Outcome",
    "PooledWork",
    "QueryLog",
    "Retrievals",
    "Synonyms",
    "Vote",
    "Z",
    "end_all",
    "running",
]

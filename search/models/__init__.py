"""Embeddings and their models, curation, judgments, experiments and the query log."""

from search.models.api_tokens import ApiToken
from search.models.curation import CuratedQuery, CuratedWork, Synonyms
from search.models.embeddings import Embedding, EmbeddingModel
from search.models.experiments import (
    MAX_DURATION,
    NORMAL_QUANTILE_95,
    Click,
    Experiment,
    Outcome,
    end_experiments,
    running_experiment,
)
from search.models.judgments import Judgment, JudgmentQuery, PooledWork
from search.models.query_log import QueryLog, Retrievals
from search.models.votes import Vote

__all__ = [
    "MAX_DURATION",
    "NORMAL_QUANTILE_95",
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
    "end_experiments",
    "running_experiment",
]

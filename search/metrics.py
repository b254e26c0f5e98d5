"""Prometheus metrics of the stages of a search."""

from prometheus_client import Counter, Histogram
from prometheus_client.context_managers import Timer

from museum.core.observability.metrics import BUCKET_SECONDS

STAGES = Histogram(
    "ekphrasis_search_stage_seconds",
    "Parts of a search: its query vector, each channel, the rest.",
    ["stage"],
    buckets=(0.001, *BUCKET_SECONDS),
)


ENCODER_CACHE = Counter(
    "ekphrasis_encoder_cache", "Texts of queries: found in the cache, or encoded.", ["outcome"]
)


def stage(name: str) -> Timer:
    """Time a part of a search, with `with stage("image"):` or as a decorator."""
    return STAGES.labels(name).time()

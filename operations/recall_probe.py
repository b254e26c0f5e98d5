"""The recall probe: the results of the vector index, compared with an exact scan.

An index loses recall as rows are added and deleted, and a damaged one loses much at once; no log
shows either. The queries are random vectors of the collection itself.
"""

import logging
import time
from collections.abc import Callable, Sequence

import numpy as np
from django.conf import settings
from django.db import transaction

from museum.models import Artwork
from operations.models import RecallProbe
from search.embeddings import registry
from search.models import Embedding, EmbeddingModel
from search.ranking.matches import Ranked
from search.ranking.progressive_depth import TIERS
from search.retrieval import vectors as vector_search

logger = logging.getLogger(__name__)
QUERIES = 50
RECALL_DEPTH = 10
MAX_PROBES_AN_INDEX = 1000  # probes of each index


def take(queries: int = QUERIES) -> list[RecallProbe]:
    """Probe each index of the active model and store the results; log an error if recall is low.

    Empty if no model is active or no work is embedded.
    """
    model = registry.active()
    results = [_probe(model, kind, queries) for kind in model.kinds] if model else []
    probes = [probe for probe in results if probe is not None]
    for probe in probes:
        probe.save()
        _delete_old(probe)
        if probe.recall < settings.RECALL_FLOOR:
            logger.error(
                "event=recall-alarm kind=%s model=%s recall=%.3f floor=%s",
                *(probe.kind, probe.model_id, probe.recall, settings.RECALL_FLOOR),
            )
    return probes


def _probe(model: EmbeddingModel, kind: Embedding.Kind, queries: int) -> RecallProbe | None:
    rows = Embedding.objects.filter(model=model, kind=kind).order_by("?")
    vectors = [np.asarray(v, np.float32) for v in rows.values_list("vector", flat=True)[:queries]]
    if not vectors:
        return None
    works = Artwork.objects.visible()
    # The depth of a search's first page.
    depth = TIERS[0].depth
    by_index, index_ms = _timed(
        vectors, lambda vector: vector_search.by_vector(model, kind, vector, works, depth=depth)
    )
    by_scan, exact_ms = _timed(
        vectors,
        lambda vector: vector_search.by_vector(
            model, kind, vector, works, depth=RECALL_DEPTH, exact=True
        ),
    )
    return RecallProbe(
        model=model,
        kind=kind,
        queries=len(vectors),
        recall=_recall(by_index, by_scan),
        index_ms=index_ms,
        exact_ms=exact_ms,
    )


def _timed(
    vectors: Sequence[np.ndarray], search: Callable[[np.ndarray], list[Ranked]]
) -> tuple[list[list[Ranked]], float]:
    """Return the results of each vector, and the median milliseconds of a search."""
    lists, times = [], []
    for vector in vectors:
        with transaction.atomic():
            began = time.perf_counter()
            lists.append(search(vector))
            times.append(time.perf_counter() - began)
    return lists, 1000 * float(np.median(times))


def _recall(approximate: Sequence[list[Ranked]], exact: Sequence[list[Ranked]]) -> float:
    """Return the share of the truly nearest `RECALL_DEPTH` works that are among the first
    `RECALL_DEPTH` found.

    Works as near as the last of these also count, because the order of ties is arbitrary.
    """
    hits = total = 0
    for ours, true in zip(approximate, exact, strict=True):
        nearest = true[:RECALL_DEPTH]
        total += len(nearest)
        ids = {each.artic_id for each in nearest}
        least = min((each.value for each in nearest), default=0.0)
        good = [each for each in ours[:RECALL_DEPTH] if each.artic_id in ids or each.value >= least]
        hits += min(len(good), len(nearest))
    return hits / total if total else 1.0


def _delete_old(probe: RecallProbe) -> None:
    of_this_index = RecallProbe.objects.filter(model=probe.model, kind=probe.kind)
    old = of_this_index.values_list("pk", flat=True)[MAX_PROBES_AN_INDEX:]
    RecallProbe.objects.filter(pk__in=list(old)).delete()

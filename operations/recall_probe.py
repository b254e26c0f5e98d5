"""The recall probe: what the vector index finds, beside a whole scan.

An index loses recall as rows come and go, and a damaged one loses much at once; neither shows in a
log. The queries are vectors of the collection itself, drawn at random.
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
from search.encoders import families
from search.models import Embedding, EmbeddingModel
from search.ranking.matches import Ranked
from search.ranking.progressive_depth import TIERS
from search.retrieval.vectors import rank_by_vector

logger = logging.getLogger(__name__)
QUERIES = 50
K = 10
KEPT = 1000  # probes of each index


def take(queries: int = QUERIES) -> list[RecallProbe]:
    """Probe each index of the active model and keep the figures; an alarm is an error in the log.

    Empty where no model is active or nothing is embedded.
    """
    model = registry.active()
    kinds = families.family_of(model).kinds if model else ()
    found = [_probe(model, Embedding.Kind(kind), queries) for kind in kinds if model]
    probes = [probe for probe in found if probe is not None]
    for probe in probes:
        probe.save()
        _forget(probe)
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
    # As deep as the first page of a search looks.
    depth = TIERS[0].depth
    by_index, index_ms = _timed(
        vectors, lambda vector: rank_by_vector(model, kind, vector, works, depth=depth)
    )
    exactly, exact_ms = _timed(
        vectors,
        lambda vector: rank_by_vector(model, kind, vector, works, depth=K, exact=True),
    )
    return RecallProbe(
        model=model,
        kind=kind,
        queries=len(vectors),
        recall=_recall(by_index, exactly),
        index_ms=index_ms,
        exact_ms=exact_ms,
    )


def _timed(
    vectors: Sequence[np.ndarray], ranker: Callable[[np.ndarray], list[Ranked]]
) -> tuple[list[list[Ranked]], float]:
    """Return the list of each vector, and the median time of one in milliseconds."""
    lists, times = [], []
    for vector in vectors:
        with transaction.atomic():
            began = time.perf_counter()
            lists.append(ranker(vector))
            times.append(time.perf_counter() - began)
    return lists, 1000 * float(np.median(times))


def _recall(found: Sequence[list[Ranked]], exact: Sequence[list[Ranked]]) -> float:
    """Return the share of the truly nearest `K` works that are among the first `K` found.

    Works as near as the last of the true ones count as well: which of them comes first is chance.
    """
    hits = wanted = 0
    for ours, true in zip(found, exact, strict=True):
        nearest = true[:K]
        wanted += len(nearest)
        ids = {each.artic_id for each in nearest}
        least = min((each.value for each in nearest), default=0.0)
        good = [each for each in ours[:K] if each.artic_id in ids or each.value >= least]
        hits += min(len(good), len(nearest))
    return hits / wanted if wanted else 1.0


def _forget(probe: RecallProbe) -> None:
    of_this_index = RecallProbe.objects.filter(model=probe.model, kind=probe.kind)
    old = of_this_index.values_list("pk", flat=True)[KEPT:]
    RecallProbe.objects.filter(pk__in=list(old)).delete()

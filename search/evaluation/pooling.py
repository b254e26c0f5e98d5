"""Pooling: the works to judge for a query are the first ones of several rankings together.

Judging only what one model finds would count all other works as wrong and favour that model (see
Voorhees, "The Philosophy of Information Retrieval Evaluation", CLEF 2001).
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from museum.models import Artwork
from search.embeddings import registry
from search.engine import search
from search.models import Embedding, EmbeddingModel, JudgmentQuery, PooledWork
from search.query.query import Query
from search.retrieval import candidates, full_text, query_vector

POOL_DEPTH = 20  # works of each ranking
FULL_TEXT_NAME = "full text"


def models_to_pool() -> list[EmbeddingModel]:
    """Return the ready models with vectors: all that can be pooled besides the active one."""
    ready = EmbeddingModel.objects.filter(state=EmbeddingModel.State.READY)
    # DISTINCT of a join would read every vector's row.
    return list(ready.filter(Exists(Embedding.objects.filter(model=OuterRef("pk")))))


def rankings(text: str, others: Iterable[EmbeddingModel] = ()) -> dict[str, list[int]]:
    """Return the ids of the first works for `text` by ranking: the active model, `others`, words.

    Curated rules are not applied.
    """
    query = Query.parse(text, limit=POOL_DEPTH)
    active = registry.active()
    ids_by_ranking: dict[str, list[int]] = {}
    for model in dict.fromkeys([*([active] if active else []), *others]):
        vector, _ = query_vector.build_query_vector(query, model)
        if vector is not None:
            places = search.answer(query, model, vector).places
            ids_by_ranking[model.name] = [place.found.artic_id for place in places]
    with transaction.atomic():
        matches = full_text.rank_by_words(
            query, candidates.candidate_scope(query), depth=POOL_DEPTH
        )
    ids_by_ranking[FULL_TEXT_NAME] = [match.artic_id for match in matches]
    return ids_by_ranking


@transaction.atomic
def pool(query: JudgmentQuery, others: Iterable[EmbeddingModel] = ()) -> int:
    """Add the first works of the current rankings to the pool of `query`; return how many are new.

    Works pooled before stay, with their judgments.
    """
    ranks: dict[int, dict[str, int]] = {}
    for name, ids in rankings(query.query, others).items():
        for rank, artic_id in enumerate(ids, start=1):
            ranks.setdefault(artic_id, {})[name] = rank
    before = {row.artwork_id: row.ranks for row in query.pool.all()}
    works = Artwork.objects.filter(artic_id__in=ranks).values_list("pk", "artic_id")
    rows = [
        PooledWork(query=query, artwork_id=pk, ranks={**before.get(pk, {}), **ranks[artic_id]})
        for pk, artic_id in works
    ]
    PooledWork.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["ranks"], unique_fields=["query", "artwork"]
    )
    query.pooled_at = timezone.now()
    query.save(update_fields=["pooled_at"])
    return sum(row.artwork_id not in before for row in rows)

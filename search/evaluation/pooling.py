"""Which works to judge for a query: the first ones of several rankings, joined.

Judging only what one model finds would call all else wrong, and favour that model (pooling; see
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
from search.retrieval import full_text, query_vector
from search.retrieval.candidates import candidate_scope

DEPTH = 20
WORDS = "full text"


def candidates() -> list[EmbeddingModel]:
    """Return the models beside the active one that have vectors to search by."""
    ready = EmbeddingModel.objects.filter(state=EmbeddingModel.State.READY)
    # DISTINCT of a join would read every vector's row.
    return list(ready.filter(Exists(Embedding.objects.filter(model=OuterRef("pk")))))


def rankings(typed: str, others: Iterable[EmbeddingModel] = ()) -> dict[str, list[int]]:
    """Return the ids of the first works for `typed`: by the active model, by each of `others`, and
    by words alone. No curator's decision has a say."""
    query = Query.parse(typed, limit=DEPTH)
    active = registry.active()
    found: dict[str, list[int]] = {}
    for model in dict.fromkeys([*([active] if active else []), *others]):
        vector, _ = query_vector.build_query_vector(query, model)
        if vector is not None:
            places = search.answer(query, model, vector).places
            found[model.name] = [place.found.artic_id for place in places]
    with transaction.atomic():
        words = full_text.rank_by_words(query, candidate_scope(query), depth=DEPTH)
    found[WORDS] = [match.artic_id for match in words]
    return found


@transaction.atomic
def pool(query: JudgmentQuery, others: Iterable[EmbeddingModel] = ()) -> int:
    """Add to the pool of `query` what the rankings find now; return how many works are new.

    What was pooled before stays, and so do its judgments.
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

"""Find works similar to one work: by picture, by descriptions, or by artist."""

import numpy as np

from museum.core.database import read_replica
from museum.models import Artwork
from search.embeddings import registry
from search.engine import errors, results
from search.engine.results import Hit
from search.models import Embedding, EmbeddingModel
from search.ranking import channels
from search.ranking.fusion import fuse
from search.ranking.matches import Fused
from search.retrieval.vectors import rank_by_vector

KINDS = ("picture", "meaning", "artist")


def similar(work: Artwork, by: str, limit: int, model: EmbeddingModel | None = None) -> list[Hit]:
    """Return the works most like `work` by `model`, or by the active model, best first.

    Raises `SearchUnavailableError`.
    """
    match by:
        case "meaning":
            return similar_descriptions(work, limit, model)
        case "artist":
            return works_by_same_artist(work, limit, model)
    return similar_pictures(work, limit, model)


@errors.raises_search_unavailable
def similar_pictures(work: Artwork, limit: int, model: EmbeddingModel | None = None) -> list[Hit]:
    """Return works with a similar picture; empty if the picture of `work` has no vector."""
    model = model or registry.active()
    own = Embedding.objects.filter(artwork=work, model=model, kind=Embedding.Kind.IMAGE).first()
    if model is None or own is None:
        return []
    vector = np.asarray(own.vector, dtype=np.float32)
    others = Artwork.objects.visible().exclude(pk=work.pk)
    with read_replica.atomic():
        found = rank_by_vector(model, Embedding.Kind.IMAGE, vector, others, depth=limit)
        return results.load_hits(
            results.unscored_places(fuse({channels.IMAGE: found}, {channels.IMAGE: 1.0}))
        )


@errors.raises_search_unavailable
def similar_descriptions(
    work: Artwork, limit: int, model: EmbeddingModel | None = None
) -> list[Hit]:
    """Return works with a passage near the mean of the passages of `work`; empty if it has none."""
    model = model or registry.active()
    own = Embedding.objects.filter(artwork=work, model=model, kind=Embedding.Kind.TEXT)
    vectors = list(own.values_list("vector", flat=True)) if model else []
    if model is None or not vectors:
        return []
    middle = np.asarray(vectors, dtype=np.float32).mean(axis=0)
    others = Artwork.objects.visible().exclude(pk=work.pk)
    with read_replica.atomic():
        found = rank_by_vector(model, Embedding.Kind.TEXT, middle, others, depth=limit)
        return results.load_hits(
            results.unscored_places(fuse({channels.TEXT: found}, {channels.TEXT: 1.0}))
        )


@errors.raises_search_unavailable
def works_by_same_artist(
    work: Artwork, limit: int, model: EmbeddingModel | None = None
) -> list[Hit]:
    """Return works by the same artist: those with similar pictures first, then by id."""
    if work.artist_id is None:
        return []
    others = Artwork.objects.visible().filter(artist=work.artist_id).exclude(pk=work.pk)
    model = model or registry.active()
    own = Embedding.objects.filter(artwork=work, model=model, kind=Embedding.Kind.IMAGE).first()
    with read_replica.atomic():
        neighbours = []
        if model is not None and own is not None:
            vector = np.asarray(own.vector, dtype=np.float32)
            neighbours = rank_by_vector(
                model, Embedding.Kind.IMAGE, vector, others, depth=limit, exact=True
            )
        first = fuse({channels.IMAGE: neighbours}, {channels.IMAGE: 1.0})
        found_ids = [each.artic_id for each in first]
        rest = others.exclude(artic_id__in=found_ids).order_by("artic_id")
        more = rest.values_list("artic_id", flat=True)[: max(limit - len(found_ids), 0)]
        found = [*first, *(Fused(artic_id, 0.0, {}) for artic_id in more)]
        return results.load_hits(results.unscored_places(found))

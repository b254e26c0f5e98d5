"""How much room models take: vectors in the database, towers on the disk."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count

from museum.core.caching import typed_cache
from search.encoders import onnx_export
from search.models import Embedding, EmbeddingModel

VECTORS_KEY = "vectors-of-models"
VECTORS_TTL_SECONDS = 60
BYTES = 2  # of one number of a halfvec


@dataclass(frozen=True)
class Vectors:
    """How many vectors of a kind a model has, by its number."""

    model: int
    kind: str
    number: int


@dataclass(frozen=True)
class Size:
    """Vectors of either kind, the bytes of all of them, and those of the exported towers."""

    pictures: int
    passages: int
    vectors: int
    towers: int


def size(model: EmbeddingModel) -> Size:
    """Return the size of `model`; vectors are counted at most once a minute for all models."""
    counts = typed_cache.read_or_make(VECTORS_KEY, list[Vectors], _count, VECTORS_TTL_SECONDS)
    pictures, passages = (
        sum(each.number for each in counts if (each.model, each.kind) == (model.pk, kind))
        for kind in ("image", "text")
    )
    vectors = (pictures + passages) * model.dimension * BYTES
    return Size(pictures, passages, vectors, _towers(model))


def forget() -> None:
    """Count anew next time."""
    cache.delete(VECTORS_KEY)


def _count() -> list[Vectors]:
    rows = Embedding.objects.order_by().values_list("model", "kind").annotate(number=Count("pk"))
    return [Vectors(*row) for row in rows]


def _towers(model: EmbeddingModel) -> int:
    if not model.fingerprint:
        return 0
    folder = onnx_export.place(model.fingerprint)
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())

"""How much room models take: vectors in the database, towers on the disk."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count

from search.encoders import onnx_export
from search.models import Embedding, EmbeddingModel

SECONDS = 60
BYTES = 2  # of one number of a halfvec


@dataclass(frozen=True)
class Size:
    """Vectors of either kind, the bytes of all of them, and those of the exported towers."""

    pictures: int
    passages: int
    vectors: int
    towers: int


def size(model: EmbeddingModel) -> Size:
    """Return the size of `model`; vectors are counted at most once a minute for all models."""
    counts = cache.get_or_set("vectors-of-models", _count, SECONDS) or {}
    pictures, passages = (counts.get((model.pk, kind), 0) for kind in ("image", "text"))
    vectors = (pictures + passages) * model.dimension * BYTES
    return Size(pictures, passages, vectors, _towers(model))


def forget() -> None:
    """Count anew next time."""
    cache.delete("vectors-of-models")


def _count() -> dict[tuple[int, str], int]:
    rows = Embedding.objects.order_by().values_list("model", "kind").annotate(number=Count("pk"))
    return {(model, kind): number for model, kind, number in rows}


def _towers(model: EmbeddingModel) -> int:
    if not model.fingerprint:
        return 0
    folder = onnx_export.place(model.fingerprint)
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())

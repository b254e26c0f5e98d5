"""Build cursors, and find the model that made the pages before one."""

from collections.abc import Iterable

from search.models import EmbeddingModel
from search.query.cursor import MARK_BYTES, Cursor, digest
from search.query.query import Query
from search.ranking.progressive_depth import END

_NO_MODEL = "0" * 2 * MARK_BYTES


def after(query: Query, model: EmbeddingModel | None, shown: Iterable[int]) -> Cursor | None:
    """Return the cursor behind a page of `query` that showed the works `shown`; None at the end
    of what paging reaches, and where the pages before were not asked for by cursor."""
    before = query.cursor.seen if query.cursor else ()
    seen = tuple(sorted({*before, *shown}))
    if not seen or len(seen) > END or (query.offset and query.cursor is None):
        return None
    return Cursor(_mark(model), digest(query), seen)


def model_of(cursor: Cursor, active: EmbeddingModel | None) -> EmbeddingModel | None:
    """Return the model that made the pages before `cursor`. Raises `LookupError` if it is gone."""
    if cursor.fingerprint == _mark(active):
        return active
    same = EmbeddingModel.objects.filter(fingerprint__startswith=cursor.fingerprint)
    retired = EmbeddingModel.State.RETIRED  # its vectors are being dropped
    model = same.exclude(state=retired).filter(embeddings__isnull=False).first()
    if model is None:
        raise LookupError("The model that made the pages before is gone: begin again.")
    return model


def _mark(model: EmbeddingModel | None) -> str:
    """Return what tells `model` from others."""
    return model.fingerprint[: 2 * MARK_BYTES] if model else _NO_MODEL

"""Build cursors, and find the model that answered the pages before one."""

from collections.abc import Iterable

from search.models import EmbeddingModel
from search.query.cursor import FINGERPRINT_BYTES, Cursor
from search.query.query import Query
from search.ranking.progressive_depth import END

_NO_MODEL_FINGERPRINT = "0" * 2 * FINGERPRINT_BYTES


def next_cursor(query: Query, model: EmbeddingModel | None, shown: Iterable[int]) -> Cursor | None:
    """Return the cursor after the page of `query` that showed the works `shown`.

    Return None at the end of paging, and if the pages before were requested by offset.
    """
    before = query.cursor.seen if query.cursor else ()
    seen = tuple(sorted({*before, *shown}))
    if not seen or len(seen) > END or (query.offset and query.cursor is None):
        return None
    return Cursor(_fingerprint_prefix(model), query.digest, seen)


def cursor_model(cursor: Cursor, active: EmbeddingModel | None) -> EmbeddingModel | None:
    """Return the model that answered the pages before `cursor`.

    Raises `LookupError` if it is gone.
    """
    if cursor.fingerprint == _fingerprint_prefix(active):
        return active
    same = EmbeddingModel.objects.filter(fingerprint__startswith=cursor.fingerprint)
    retired = EmbeddingModel.State.RETIRED  # its vectors are being dropped
    model = same.exclude(state=retired).filter(embeddings__isnull=False).first()
    if model is None:
        raise LookupError("The model that made the pages before is gone: begin again.")
    return model


def _fingerprint_prefix(model: EmbeddingModel | None) -> str:
    """Return the first digits of the fingerprint of `model`."""
    return model.fingerprint[: 2 * FINGERPRINT_BYTES] if model else _NO_MODEL_FINGERPRINT

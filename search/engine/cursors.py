"""TODO: search.engine.search.cursors."""

import hashlib
from collections.abc import Iterable

from search.models import EmbeddingModel
from search.query.cursor import _MARK, Cursor
from search.query.query import Query
from search.ranking.progressive_depth import END

_NO_MODEL = "0" * 2 * _MARK


def after(query: Query, model: EmbeddingModel | None, shown: Iterable[int]) -> Cursor | None:
    """Return the cursor behind a page of `query` that showed the works `shown`; None at the end
    of what paging reaches, and where the pages before were not asked for by cursor."""
    before = query.cursor.seen if query.cursor else ()
    seen = tuple(sorted({*before, *shown}))
    if not seen or len(seen) > END or (query.offset and query.cursor is None):
        return None
    return Cursor(mark(model), digest(query), seen)


def mark(model: EmbeddingModel | None) -> str:
    """Return what tells `model` from others."""
    return (model.fingerprint if model else "")[: 2 * _MARK].ljust(2 * _MARK, "0") or _NO_MODEL


def digest(query: Query) -> str:
    """Return what tells the search from others, whatever page of it."""
    search = repr(query.as_asked())
    return hashlib.blake2b(search.encode("utf-8", "replace"), digest_size=_MARK).hexdigest()

"""The pages around one page of a list: by offset, or of an answer to a search by cursor."""

from search.engine import cursors
from search.engine.results import Results


def previous_offset(offset: int, limit: int, count: int) -> int | None:
    """Return where the page before begins; None on the first. From beyond the end that is the last
    page."""
    return max(min(offset, max(count, 1)) - limit, 0) if offset else None


def next_offset(offset: int, limit: int, count: int) -> int | None:
    """Return where the next page begins; None on the last."""
    return offset + limit if offset + limit < count else None


def following(found: Results, *, by_cursor: bool = True) -> dict[str, str]:
    """Return the parameter that leads to the page after `found`; empty after the last.

    It is a cursor where the pages before were asked for so, or there are none. Pages asked for by
    offset are followed by offset.
    """
    query = found.query
    offset = next_offset(query.offset, query.limit, found.count)
    if offset is None or not found.hits:
        return {}
    shown = [hit.artwork.artic_id for hit in found.hits]
    behind = cursors.after(query, found.model, shown) if by_cursor else None
    return {"cursor": behind.token} if behind else {"offset": str(offset)}

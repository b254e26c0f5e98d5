"""Find the pages before and after one page of a list, by offset or by cursor."""

from search.engine import cursors
from search.engine.results import Results


def previous_offset(offset: int, limit: int, count: int) -> int | None:
    """Return the offset of the page before; None on the first page.

    From beyond the end, the page before is the last page.
    """
    return max(min(offset, max(count, 1)) - limit, 0) if offset else None


def next_offset(offset: int, limit: int, count: int) -> int | None:
    """Return the offset of the next page; None on the last page."""
    return offset + limit if offset + limit < count else None


def following(found: Results, *, by_cursor: bool = True) -> dict[str, str]:
    """Return the parameter of the page after `found`; empty after the last page.

    It is a cursor on the first page and after a page requested by cursor. A page requested by
    offset is followed by an offset.
    """
    query = found.query
    offset = next_offset(query.offset, query.limit, found.count)
    if offset is None or not found.hits:
        return {}
    shown = [hit.artwork.artic_id for hit in found.hits]
    behind = cursors.next_cursor(query, found.model, shown) if by_cursor else None
    return {"cursor": behind.token} if behind else {"offset": str(offset)}

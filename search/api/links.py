"""`Link` headers (RFC 8288) to the pages around one page of an answer."""

from rest_framework.request import Request

from search.engine import Results


def to_pages(request: Request, found: Results) -> str:
    """Return the header's value: first, and prev and next where there are such pages."""
    query, places = found.query, {"first": 0}
    if query.offset:
        end = min(query.offset, max(found.count, 1))
        places["prev"] = max(end - query.limit, 0)
    if query.offset + query.limit < found.count:
        places["next"] = query.offset + query.limit
    return ", ".join(f'<{_at(request, place)}>; rel="{rel}"' for rel, place in places.items())


def _at(request: Request, offset: int) -> str:
    given = request.query_params.copy()
    given.pop("offset", None)
    if offset:
        given["offset"] = str(offset)
    return request.build_absolute_uri(f"{request.path}?{given.urlencode()}")

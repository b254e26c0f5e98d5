"""`Link` headers (RFC 8288) to the pages around one page of an answer."""

from django.http import QueryDict
from rest_framework.request import Request

from search.engine import cursors
from search.engine.results import Results


def to_pages(request: Request, found: Results, following: str | None) -> str:
    """Return the header's value: first, and prev and next (`following`) where there are such."""
    query, places = found.query, {"first": _at(request, 0)}
    if query.offset and query.cursor is None:
        end = min(query.offset, max(found.count, 1))
        places["prev"] = _at(request, max(end - query.limit, 0))
    if following:
        places["next"] = following
    return _header(places)


def following(request: Request, parameters: QueryDict, found: Results) -> str:
    """Return the address of the next page, "" after the last.

    It goes by cursor where the pages before did, or there are none; pages asked for by offset are
    followed by offset. What was sent as a picture is named by what the model saw in it.
    """
    query = found.query
    if not found.hits or query.offset + len(found.hits) >= found.count:
        return ""
    given = parameters.copy()
    for name in ("offset", "cursor", "image", "image_url"):
        given.pop(name, None)
    if query.picture and "picture" not in given:
        given["picture"] = query.picture.token
        given.pop("box", None)
    shown = [hit.artwork.artic_id for hit in found.hits]
    if behind := cursors.after(query, found.model, shown):
        given["cursor"] = behind.token
    else:
        given["offset"] = str(query.offset + query.limit)
    return request.build_absolute_uri(f"{request.path}?{given.urlencode()}")


def to_pages_of_list(request: Request, limit: int, offset: int, count: int) -> str:
    """Return the header's value for a list that is paged by offset alone."""
    places = {"first": _at(request, 0)}
    if offset:
        places["prev"] = _at(request, max(min(offset, max(count, 1)) - limit, 0))
    if offset + limit < count:
        places["next"] = _at(request, offset + limit)
    return _header(places)


def _header(places: dict[str, str]) -> str:
    """Return the header's value that leads to `places`, addresses by their relation."""
    return ", ".join(f'<{address}>; rel="{rel}"' for rel, address in places.items())


def _at(request: Request, offset: int) -> str:
    """Return the address of the page that begins at `offset`."""
    given = request.query_params.copy()
    for name in ("offset", "cursor"):
        given.pop(name, None)
    if offset:
        given["offset"] = str(offset)
    query = f"?{given.urlencode()}" if given else ""
    return request.build_absolute_uri(f"{request.path}{query}")

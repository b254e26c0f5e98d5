"""`Link` headers (RFC 8288) to the pages around one page of an answer."""

from collections.abc import Mapping

from django.http import QueryDict
from rest_framework.request import Request

from search.engine import pagination
from search.engine.pagination import next_offset, previous_offset
from search.engine.results import Results


def to_pages(request: Request, found: Results, following: str | None) -> str:
    """Return the header's value: first, and prev and next (`following`) where there are such."""
    query = found.query
    offset = query.offset if query.cursor is None else 0
    return _header(
        {
            "first": _at(request, 0),
            "prev": _at(request, previous_offset(offset, query.limit, found.count)),
            "next": following,
        }
    )


def following(request: Request, parameters: QueryDict, found: Results) -> str:
    """Return the address of the next page, "" after the last.

    What was sent as a picture is named by what the model saw in it.
    """
    place = pagination.following(found)
    if not place:
        return ""
    query = found.query
    given = parameters.copy()
    for name in ("offset", "cursor", "image", "image_url"):
        given.pop(name, None)
    if query.picture and "picture" not in given:
        given["picture"] = query.picture.token
        given.pop("box", None)
    given.update(place)
    return request.build_absolute_uri(f"{request.path}?{given.urlencode()}")


def to_pages_of_list(request: Request, limit: int, offset: int, count: int) -> str:
    """Return the header's value for a list that is paged by offset alone."""
    return _header(
        {
            "first": _at(request, 0),
            "prev": _at(request, previous_offset(offset, limit, count)),
            "next": _at(request, next_offset(offset, limit, count)),
        }
    )


def _header(addresses: Mapping[str, str | None]) -> str:
    """Return the header's value that leads to `addresses` by their relation, where there is one."""
    return ", ".join(f'<{address}>; rel="{rel}"' for rel, address in addresses.items() if address)


def _at(request: Request, offset: int | None) -> str | None:
    """Return the address of the page that begins at `offset`, if there is one."""
    if offset is None:
        return None
    given = request.query_params.copy()
    for name in ("offset", "cursor"):
        given.pop(name, None)
    if offset:
        given["offset"] = str(offset)
    query = f"?{given.urlencode()}" if given else ""
    return request.build_absolute_uri(f"{request.path}{query}")

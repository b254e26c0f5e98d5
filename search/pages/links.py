"""Addresses of searches: the whole state of a search is in its address, so a link changes it."""

from collections.abc import Callable, Iterable
from functools import cache
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from search.query.facets import OLD_NAMES
from search.query.forms import SearchForm

# Where a page begins: another search begins at its own beginning.
PLACE = ("offset",)
# What no address of a page keeps: pictures themselves, and the cursors of the API.
SENT = {"image", "image_url", "cursor"}


def state(parameters: QueryDict) -> QueryDict:
    """What `parameters` say of a search, and nothing else that came with them; old names of
    parameters become the new ones."""
    kept = QueryDict(mutable=True)
    # Asked some two hundred times for a page of results, so it skips at once what was not said.
    for name in SearchForm.base_fields:
        said = name in parameters and name not in SENT
        if said and (values := [value for value in parameters.getlist(name) if value]):
            kept.setlist(OLD_NAMES.get(name, name), values)
    return kept


def address(parameters: QueryDict) -> str:
    """The address of the search that `parameters` say."""
    encoded = parameters.urlencode()
    return _page() + (f"?{encoded}" if encoded else "")


@cache
def _page() -> str:
    # A page of results has some two hundred of these addresses.
    return reverse("search")


def _beginning(parameters: QueryDict) -> QueryDict:
    changed = state(parameters)
    for name in PLACE:
        changed.pop(name, None)
    return changed


def with_value(parameters: QueryDict, name: str, value: str) -> str:
    """The address of the same search with one more value of `name`."""
    return adding(parameters, name)(value)


def adding(parameters: QueryDict, name: str, instead_of: str = "") -> Callable[[str], str]:
    """What makes the address of the same search with one more value of `name`.

    The value is taken from `instead_of`, another parameter. Made once for many links, so that what
    they share is written once.
    """
    search = _beginning(parameters)
    given, opposite = search.getlist(name), search.getlist(instead_of)
    same = address(search)
    start = f"{same}&" if search else f"{same}?"

    def add(value: str) -> str:
        if value in opposite:
            less = search.copy()
            less.setlist(instead_of, [each for each in opposite if each != value])
            return with_value(less, name, value)
        return same if value in given else start + urlencode({name: value})

    return add


def towards(parameters: QueryDict) -> Callable[[str], str]:
    """What makes the address of the same search led towards a work, given by its id."""
    return adding(parameters, "like", instead_of="unlike")


def away_from(parameters: QueryDict) -> Callable[[str], str]:
    """What makes the address of the same search led away from a work."""
    return adding(parameters, "unlike", instead_of="like")


def without_value(parameters: QueryDict, name: str, value: str) -> str:
    """The address of the same search without this value of `name`."""
    changed = _beginning(parameters)
    changed.setlist(name, [each for each in changed.getlist(name) if each != value])
    return address(changed)


def setting(parameters: QueryDict, **values: str) -> str:
    """The address of the same search with these parameters set, or lifted where "" is given."""
    return address(set_to(parameters, **values))


def set_to(parameters: QueryDict, **values: str) -> QueryDict:
    """The state of the same search with these parameters set, or lifted where "" is given."""
    changed = _beginning(parameters)
    for name, value in values.items():
        if value:
            changed[name] = value
        else:
            changed.pop(name, None)
    return changed


def pairs(parameters: QueryDict, leave_out: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Names and values for the hidden fields of a form that changes the rest."""
    out = {*leave_out, *PLACE}
    kept = state(parameters)
    return [(name, value) for name in kept if name not in out for value in kept.getlist(name)]

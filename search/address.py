"""Addresses of searches: the whole state of a search is in its address, so a link changes it."""

from collections.abc import Iterable

from django.http import QueryDict
from django.urls import reverse

from search.forms import SearchForm

# Where a page begins: another search begins at its own beginning.
PLACE = ("offset",)
# What no address of a page keeps: pictures themselves, and the cursors of the API.
SENT = {"image", "image_url", "cursor"}


def state(parameters: QueryDict) -> QueryDict:
    """What `parameters` say of a search, and nothing else that came with them."""
    kept = QueryDict(mutable=True)
    # Asked some two hundred times for a page of results, so it skips at once what was not said.
    for name in SearchForm.base_fields:
        said = name in parameters and name not in SENT
        if said and (values := [value for value in parameters.getlist(name) if value]):
            kept.setlist(name, values)
    return kept


def address(parameters: QueryDict) -> str:
    """The address of the search that `parameters` say."""
    encoded = parameters.urlencode()
    return reverse("search") + (f"?{encoded}" if encoded else "")


def _beginning(parameters: QueryDict) -> QueryDict:
    changed = state(parameters)
    for name in PLACE:
        changed.pop(name, None)
    return changed


def with_value(parameters: QueryDict, name: str, value: str) -> str:
    """The address of the same search with one more value of `name`."""
    changed = _beginning(parameters)
    changed.setlist(name, list(dict.fromkeys([*changed.getlist(name), value])))
    return address(changed)


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

"""URLs of searches. The whole state of a search is in its URL, so a link changes the search."""

from collections.abc import Callable, Iterable
from functools import cache
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from search.query.facets import OLD_NAMES
from search.query.forms import SearchForm

# Parameters of the place in the results; a changed search starts from the first page.
POSITION_PARAMETERS = ("offset",)
# Parameters that no page URL carries: uploaded pictures, and the cursors of the API.
TRANSIENT_PARAMETERS = {"image", "image_url", "cursor"}


def state(parameters: QueryDict) -> QueryDict:
    """Return the parameters of the search form in `parameters`, deprecated names replaced."""
    search = QueryDict(mutable=True)
    # Called about 200 times per results page, so absent parameters are skipped first.
    for name in SearchForm.base_fields:
        is_present = name in parameters and name not in TRANSIENT_PARAMETERS
        if is_present and (values := [value for value in parameters.getlist(name) if value]):
            search.setlist(OLD_NAMES.get(name, name), values)
    return search


def search_url(parameters: QueryDict) -> str:
    """Return the URL of the search given by `parameters`."""
    encoded = parameters.urlencode()
    return _base_url() + (f"?{encoded}" if encoded else "")


@cache
def _base_url() -> str:
    # A results page has about 200 of these URLs.
    return reverse("search")


def _first_page(parameters: QueryDict) -> QueryDict:
    changed = state(parameters)
    for name in POSITION_PARAMETERS:
        changed.pop(name, None)
    return changed


def url_with_value(parameters: QueryDict, name: str, value: str) -> str:
    """Return the URL of the search with `value` added to `name`."""
    return value_url(parameters, name)(value)


def value_url(parameters: QueryDict, name: str, instead_of: str = "") -> Callable[[str], str]:
    """Return a function from a value to the URL of the search with that value added to `name`.

    The value is removed from `instead_of`, the opposite parameter. The encoding that many links
    share is done once.
    """
    search = _first_page(parameters)
    values, opposite = search.getlist(name), search.getlist(instead_of)
    unchanged = search_url(search)
    prefix = f"{unchanged}&" if search else f"{unchanged}?"

    def add(value: str) -> str:
        if value in opposite:
            reduced = search.copy()
            reduced.setlist(instead_of, [each for each in opposite if each != value])
            return url_with_value(reduced, name, value)
        return unchanged if value in values else prefix + urlencode({name: value})

    return add


def more_like_url(parameters: QueryDict) -> Callable[[str], str]:
    """Return a function from a work's id to the URL of the search with more like that work."""
    return value_url(parameters, "like", instead_of="unlike")


def less_like_url(parameters: QueryDict) -> Callable[[str], str]:
    """Return a function from a work's id to the URL of the search with less like that work."""
    return value_url(parameters, "unlike", instead_of="like")


def url_without_value(parameters: QueryDict, name: str, value: str) -> str:
    """Return the URL of the search without `value` of `name`."""
    changed = _first_page(parameters)
    changed.setlist(name, [each for each in changed.getlist(name) if each != value])
    return search_url(changed)


def changed_url(parameters: QueryDict, **values: str) -> str:
    """Return the URL of the search with these parameters set; "" removes one."""
    return search_url(changed_state(parameters, **values))


def changed_state(parameters: QueryDict, **values: str) -> QueryDict:
    """Return the state of the search with these parameters set; "" removes one."""
    changed = _first_page(parameters)
    for name, value in values.items():
        if value:
            changed[name] = value
        else:
            changed.pop(name, None)
    return changed


def hidden_fields(parameters: QueryDict, leave_out: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (name, value) of the hidden fields of a form that changes only `leave_out`."""
    excluded = {*leave_out, *POSITION_PARAMETERS}
    search = state(parameters)
    return [
        (name, value) for name in search if name not in excluded for value in search.getlist(name)
    ]

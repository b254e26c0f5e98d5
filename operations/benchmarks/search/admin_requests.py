"""Requests to the admin as a browser would send them, prepared for timing."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.core.cache import cache
from django.forms import BoundField, MultiWidget
from django.test import Client

from museum.core.caching import background

# A page prepares a request, untimed; calling the request is timed.
Request = Callable[[], Any]
Page = Callable[[], Request]


def visit(client: Client, address: str, **parameters: Any) -> Page:
    """Return a page that is read."""
    return lambda: partial(client.get, address, parameters)


def uncached(page: Page) -> Page:
    """Return `page` without any cached data."""

    def made() -> Request:
        background.settle()
        cache.clear()
        return page()

    return made


def post(client: Client, address: str, make: Callable[[], dict[str, Any]]) -> Page:
    """Return a page that posts new data of `make` to `address`."""
    return lambda: partial(client.post, address, make())


def saved(client: Client, address: str, **changes: Callable[[], Any]) -> Page:
    """Return a page that posts the form at `address` with `changes`."""

    def make() -> dict[str, Any]:
        return filled(client.get(address)) | {name: new() for name, new in changes.items()}

    return post(client, address, make)


def filled(response: Any) -> dict[str, Any]:
    """Return the data of an admin form, including inline forms, as a browser would send it."""
    shown = response.context_data
    forms = [shown["adminform"].form]
    for inline in shown["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = dict(part for form in forms for bound in form for part in _parts(bound))
    sent = {n: v for n, v in values.items() if v is not None and v is not False}
    return {"_as_seen": shown.get("as_seen", ""), **sent}


def _parts(bound: BoundField) -> Iterable[tuple[str, Any]]:
    """Return name and value of each control of a field; dates and times have two."""
    widget = bound.field.widget
    if not isinstance(widget, MultiWidget):
        return [(bound.html_name, bound.value())]
    values = enumerate(widget.decompress(bound.value()) or [])
    return [(f"{bound.html_name}_{n}", value) for n, value in values]

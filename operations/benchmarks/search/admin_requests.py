"""Requests to the admin as a browser would send them, ready to be timed."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.core.cache import cache
from django.forms import BoundField, MultiWidget
from django.test import Client

from museum.core.caching import background

# What is not timed (finding out what to send), and then what is: the request itself.
Request = Callable[[], Any]
Page = Callable[[], Request]


def visit(client: Client, address: str, **parameters: Any) -> Page:
    """A page, read."""
    return lambda: partial(client.get, address, parameters)


def anew(page: Page) -> Page:
    """A page for which nothing is kept yet."""

    def made() -> Request:
        background.join_threads()
        cache.clear()
        return page()

    return made


def post(client: Client, address: str, make: Callable[[], dict[str, Any]]) -> Page:
    """What `make` returns, made anew each time and sent to `address`."""
    return lambda: partial(client.post, address, make())


def saved(client: Client, address: str, **changes: Callable[[], Any]) -> Page:
    """The form at `address`, opened and sent back with what `changes` return."""

    def make() -> dict[str, Any]:
        return filled(client.get(address)) | {name: new() for name, new in changes.items()}

    return post(client, address, make)


def filled(response: Any) -> dict[str, Any]:
    """What a browser would send back from a form of the admin, its inline forms included."""
    shown = response.context_data
    forms = [shown["adminform"].form]
    for inline in shown["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = dict(part for form in forms for bound in form for part in _parts(bound))
    sent = {n: v for n, v in values.items() if v is not None and v is not False}
    return {"_as_seen": shown.get("as_seen", ""), **sent}


def _parts(bound: BoundField) -> Iterable[tuple[str, Any]]:
    """Name and value of each control of a field: dates and times have two."""
    widget = bound.field.widget
    if not isinstance(widget, MultiWidget):
        return [(bound.html_name, bound.value())]
    values = enumerate(widget.decompress(bound.value()) or [])
    return [(f"{bound.html_name}_{n}", value) for n, value in values]

"""What a search consists of, each part with the address of the same search without it."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from museum.models import Artwork
from search import address
from search.colour_names import colour_name
from search.composer import STEPS, WISHES
from search.query import Query

LEAVE_OUT = re.compile(r'(?<!\S)-(?:"[^"]*"|\S+)')
FIELDS = {
    "type": gettext_lazy("Type"),
    "department": gettext_lazy("Department"),
    "place": gettext_lazy("Place"),
    "artist": gettext_lazy("Artist"),
    "style": gettext_lazy("Style"),
    "subject": gettext_lazy("Subject"),
    "medium": gettext_lazy("Medium"),
    "material": gettext_lazy("Material"),
}
FLAGS = {
    "on_view": (gettext_lazy("On view"), gettext_lazy("Not on view")),
    "public_domain": (gettext_lazy("Public domain"), gettext_lazy("Not in the public domain")),
    "has_picture": (gettext_lazy("With a picture"), gettext_lazy("Without a picture")),
}
LEVELS = {
    "strong": gettext_lazy("Strong matches only"),
    "related": gettext_lazy("Strong matches and related works"),
}


@dataclass(frozen=True)
class Chip:
    """One part of a search. `kind` says what it is ("" for plain words), `without` is the address
    of the search without it; `work` is there where a work is meant, `colour` where a colour is."""

    label: str
    without: str
    kind: str = ""
    work: Artwork | None = None
    colour: str = ""


def chips(query: Query, parameters: QueryDict) -> list[Chip]:
    """Return the parts of `query` in the order in which a visitor would say them."""
    return [
        *_words(query, parameters),
        *_works(query, parameters),
        *_wishes(query, parameters),
        *_filters(query, parameters),
    ]


def _words(query: Query, parameters: QueryDict) -> list[Chip]:
    left_out = LEAVE_OUT.findall(query.text)
    wished = " ".join(LEAVE_OUT.sub(" ", query.text).split())
    found = []
    if wished:
        found.append(Chip(wished, address.setting(parameters, q=" ".join(left_out))))
    for term in left_out:
        rest = " ".join([wished, *(each for each in left_out if each != term)]).strip()
        label = term[1:].replace('"', "")
        found.append(Chip(label, address.setting(parameters, q=rest), _("without")))
    return found


def _works(query: Query, parameters: QueryDict) -> list[Chip]:
    ids = {*query.like, *query.unlike}
    if not ids:
        return []
    works = Artwork.objects.visible().filter(artic_id__in=ids).defer("search_document")
    by_id = {work.artic_id: work for work in works}
    found = []
    for name, kind, named in (
        ("like", _("more like"), query.like),
        ("unlike", _("less like"), query.unlike),
    ):
        for each in named:
            work = by_id.get(each)
            label = work.title if work else str(each)
            without = address.without_value(parameters, name, str(each))
            found.append(Chip(label, without, kind, work))
    return found


def _wishes(query: Query, parameters: QueryDict) -> list[Chip]:
    found = []
    if query.picture:
        found.append(Chip(_("your picture"), address.setting(parameters, picture="")))
    if query.box and query.like:
        found.append(Chip(_("only a detail of it"), address.setting(parameters, box="")))
    for name, label in WISHES.items():
        value = getattr(query.weights, name)
        if value != 1:
            importance = _("Importance of %(what)s") % {"what": label}
            weighed = f"{importance}: {STEPS.get(value, f'{value:g}')}"
            found.append(Chip(weighed, address.setting(parameters, **{f"w_{name}": ""})))
    if query.color:
        without = address.setting(parameters, color="")
        name = colour_name(query.color)
        found.append(Chip(name, without, _("Similar colour"), colour=query.color))
    return found


def _filters(query: Query, parameters: QueryDict) -> list[Chip]:
    filters, found = query.filters, []
    for name, label in FIELDS.items():
        for value in getattr(filters, name):
            found.append(Chip(value, address.without_value(parameters, name, value), str(label)))
    if filters.year_from is not None or filters.year_to is not None:
        without = address.setting(parameters, year_from="", year_to="")
        found.append(Chip(_years(filters.year_from, filters.year_to), without, _("Years")))
    for name, (yes, no) in FLAGS.items():
        wanted = getattr(filters, name)
        if wanted is not None:
            without = address.setting(parameters, **{name: ""})
            found.append(Chip(str(yes if wanted else no), without))
    if filters.colour:
        without = address.setting(parameters, colour="")
        name = colour_name(filters.colour)
        found.append(Chip(name, without, _("Colour"), colour=filters.colour))
    if level := LEVELS.get(query.min_relevance):
        found.append(Chip(str(level), address.setting(parameters, min_relevance="")))
    return found


def _years(first: int | None, last: int | None) -> str:
    if first is None:
        return _("up to %(year)s") % {"year": last}
    if last is None:
        return _("from %(year)s") % {"year": first}
    return f"{first}–{last}" if min(first, last) >= 0 else f"{first} – {last}"  # noqa: RUF001

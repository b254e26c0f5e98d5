"""What a search consists of, each part with the address of the same search without it."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from museum.models import Artwork
from search.pages import links
from search.pages.colour_names import colour_name
from search.pages.refine import STEPS, WISHES
from search.query.facets import FACETS, Facet, Kind
from search.query.filters import Filters
from search.query.query import Query

LEAVE_OUT = re.compile(r'(?<!\S)-(?:"[^"]*"|\S+)')
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
        found.append(Chip(wished, links.setting(parameters, q=" ".join(left_out))))
    for term in left_out:
        rest = " ".join([wished, *(each for each in left_out if each != term)]).strip()
        label = term[1:].replace('"', "")
        found.append(Chip(label, links.setting(parameters, q=rest), _("without")))
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
            without = links.without_value(parameters, name, str(each))
            found.append(Chip(label, without, kind, work))
    return found


def _wishes(query: Query, parameters: QueryDict) -> list[Chip]:
    found = []
    if query.picture:
        found.append(Chip(_("your picture"), links.setting(parameters, picture="")))
    if query.box and query.like:
        found.append(Chip(_("only a detail of it"), links.setting(parameters, box="")))
    for name, label in WISHES.items():
        value = getattr(query.weights, name)
        if value != 1:
            importance = _("Importance of %(what)s") % {"what": label}
            weighed = f"{importance}: {STEPS.get(value, f'{value:g}')}"
            found.append(Chip(weighed, links.setting(parameters, **{f"w_{name}": ""})))
    if query.color:
        without = links.setting(parameters, color="")
        name = colour_name(query.color)
        found.append(Chip(name, without, _("Similar colour"), colour=query.color))
    return found


def _filters(query: Query, parameters: QueryDict) -> list[Chip]:
    found = [chip for facet in FACETS for chip in _of_facet(facet, query.filters, parameters)]
    if level := LEVELS.get(query.min_relevance):
        found.append(Chip(str(level), links.setting(parameters, min_relevance="")))
    return found


def _of_facet(facet: Facet, filters: Filters, parameters: QueryDict) -> list[Chip]:
    values = [getattr(filters, name) for name in facet.parameters]
    label, without = str(facet.label), dict.fromkeys(facet.parameters, "")
    match facet.kind:
        case Kind.FLAG if values[0] is not None:
            said = facet.label if values[0] else facet.label_if_not
            return [Chip(str(said), links.setting(parameters, **without))]
        case Kind.YEARS if values != [None, None]:
            return [Chip(_years(*values), links.setting(parameters, **without), label)]
        case Kind.PALETTE if values[0]:
            link = links.setting(parameters, **without)
            return [Chip(colour_name(values[0]), link, label, colour=values[0])]
    if not facet.takes_names:
        return []
    return [
        Chip(value, links.without_value(parameters, facet.name, value), label)
        for value in values[0]
    ]


def _years(first: int | None, last: int | None) -> str:
    if first is None:
        return _("up to %(year)s") % {"year": last}
    if last is None:
        return _("from %(year)s") % {"year": first}
    return f"{first}–{last}" if min(first, last) >= 0 else f"{first} – {last}"  # noqa: RUF001

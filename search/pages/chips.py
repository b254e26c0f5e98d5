"""The chips above the results: each part of a search, with the URL of the search without it."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from museum.models import Artwork
from search.pages import links
from search.pages.colour_names import colour_name
from search.pages.refine import IMPORTANCE_LABELS, WEIGHT_LABELS
from search.query.facets import FACETS, Facet, Kind
from search.query.filters import Filters
from search.query.query import Query

EXCLUDED_TERM = re.compile(r'(?<!\S)-(?:"[^"]*"|\S+)')
RELEVANCE_LABELS = {
    "strong": gettext_lazy("Strong matches only"),
    "related": gettext_lazy("Strong matches and related works"),
}


@dataclass(frozen=True)
class Chip:
    """One part of a search.

    `kind` names it ("" for plain words); `without` is the URL of the search without it. `work` is
    set for a work, `colour` for a colour ("#2d5fa4").
    """

    label: str
    without: str
    kind: str = ""
    work: Artwork | None = None
    colour: str = ""


def chips(query: Query, parameters: QueryDict) -> list[Chip]:
    """Return the parts of `query`: words, works, picture and weights, filters."""
    return [
        *_words(query, parameters),
        *_works(query, parameters),
        *_picture_and_weights(query, parameters),
        *_filters(query, parameters),
    ]


def _words(query: Query, parameters: QueryDict) -> list[Chip]:
    excluded = EXCLUDED_TERM.findall(query.text)
    words = " ".join(EXCLUDED_TERM.sub(" ", query.text).split())
    result = []
    if words:
        result.append(Chip(words, links.changed_url(parameters, q=" ".join(excluded))))
    for term in excluded:
        rest = " ".join([words, *(each for each in excluded if each != term)]).strip()
        label = term[1:].replace('"', "")
        result.append(Chip(label, links.changed_url(parameters, q=rest), _("without")))
    return result


def _works(query: Query, parameters: QueryDict) -> list[Chip]:
    ids = {*query.like, *query.unlike}
    if not ids:
        return []
    works = Artwork.objects.visible().filter(artic_id__in=ids).defer("search_document")
    by_id = {work.artic_id: work for work in works}
    result = []
    for name, kind, artic_ids in (
        ("like", _("more like"), query.like),
        ("unlike", _("less like"), query.unlike),
    ):
        for artic_id in artic_ids:
            work = by_id.get(artic_id)
            label = work.title if work else str(artic_id)
            without = links.url_without_value(parameters, name, str(artic_id))
            result.append(Chip(label, without, kind, work))
    return result


def _picture_and_weights(query: Query, parameters: QueryDict) -> list[Chip]:
    result = []
    if query.picture:
        result.append(Chip(_("your picture"), links.changed_url(parameters, picture="")))
    if query.box and query.like:
        result.append(Chip(_("only a detail of it"), links.changed_url(parameters, box="")))
    for name, label in WEIGHT_LABELS.items():
        value = getattr(query.weights, name)
        if value != 1:
            importance = _("Importance of %(what)s") % {"what": label}
            text = f"{importance}: {IMPORTANCE_LABELS.get(value, f'{value:g}')}"
            result.append(Chip(text, links.changed_url(parameters, **{f"w_{name}": ""})))
    if query.color:
        without = links.changed_url(parameters, color="")
        name = colour_name(query.color)
        result.append(Chip(name, without, _("Similar colour"), colour=query.color))
    return result


def _filters(query: Query, parameters: QueryDict) -> list[Chip]:
    result = [chip for facet in FACETS for chip in _of_facet(facet, query.filters, parameters)]
    if level := RELEVANCE_LABELS.get(query.min_relevance):
        result.append(Chip(str(level), links.changed_url(parameters, min_relevance="")))
    return result


def _of_facet(facet: Facet, filters: Filters, parameters: QueryDict) -> list[Chip]:
    values = [getattr(filters, name) for name in facet.parameters]
    label, without = str(facet.label), dict.fromkeys(facet.parameters, "")
    match facet.kind:
        case Kind.FLAG if values[0] is not None:
            text = facet.label if values[0] else facet.label_if_not
            return [Chip(str(text), links.changed_url(parameters, **without))]
        case Kind.YEARS if values != [None, None]:
            return [Chip(_years(*values), links.changed_url(parameters, **without), label)]
        case Kind.PALETTE if values[0]:
            link = links.changed_url(parameters, **without)
            return [Chip(colour_name(values[0]), link, label, colour=values[0])]
    if not facet.takes_names:
        return []
    return [
        Chip(value, links.url_without_value(parameters, facet.name, value), label)
        for value in values[0]
    ]


def _years(first: int | None, last: int | None) -> str:
    if first is None:
        return _("up to %(year)s") % {"year": last}
    if last is None:
        return _("from %(year)s") % {"year": first}
    return f"{first}–{last}" if min(first, last) >= 0 else f"{first} – {last}"  # noqa: RUF001

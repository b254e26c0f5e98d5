"""The filters beside the results: values with their counts, as links that switch them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from search.engine.facets import Value, facets
from search.pages import links
from search.pages.colour_names import COLOUR_NAMES
from search.query.facets import COUNTED, Kind, facets_of_kind
from search.query.query import ARTIST, DATE, RELEVANCE, Query

SHOWN = 6  # values of one field before "More"
HEIGHT = 40  # of the histogram, in its own units; a bar is BAR wide and GAP from the next one
BAR, GAP = 10, 2
CENTURY = 100
SORTS = {
    RELEVANCE: gettext_lazy("best matches first"),
    DATE: gettext_lazy("oldest first"),
    ARTIST: gettext_lazy("by artist"),
}


@dataclass(frozen=True)
class Choice:
    """A link that switches a value on, or off where `is_chosen`; `works` is "" where none are
    counted."""

    label: str
    link: str
    is_chosen: bool
    works: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Group:
    """The values of one field: the most common ones, and the rest."""

    label: str
    first: list[Choice]
    more: list[Choice]
    is_open: bool


@dataclass(frozen=True)
class Bar:
    """A century in the histogram, in its units; `height` may be 0."""

    label: str
    link: str
    works: int
    is_chosen: bool
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Histogram:
    """Works by century, without a gap from the first to the last."""

    bars: list[Bar]
    first: str
    last: str

    @property
    def width(self) -> int:
        """In its own units."""
        return len(self.bars) * (BAR + GAP) - GAP


@dataclass(frozen=True)
class Panel:
    """Everything beside the results. `kept` are the hidden fields of the form for years."""

    groups: list[Group]
    flags: list[Choice]
    histogram: Histogram | None
    colours: list[Choice]
    sorts: list[Choice]
    kept: list[tuple[str, str]]
    kept_palette: list[tuple[str, str]]


def panel(query: Query, parameters: QueryDict) -> Panel:
    """Return the filters that `query` may be narrowed by; counts are of what filters keep."""
    counts = facets(query)
    return Panel(
        groups=[
            _group(str(facet.label), facet.name, counts[facet.name], parameters)
            for facet in COUNTED.values()
            if facet.takes_names and counts[facet.name]
        ],
        flags=_flags(query, counts, parameters),
        histogram=histogram(query, counts["century"], parameters),
        colours=_colours(query, parameters),
        sorts=_sorts(query, parameters),
        kept=links.pairs(parameters, ("year_from", "year_to")),
        kept_palette=links.pairs(parameters, ("palette",)),
    )


def _group(label: str, name: str, values: Sequence[Value], parameters: QueryDict) -> Group:
    # What is chosen stands first, so that it can be switched off without looking for it.
    ordered = sorted(values, key=lambda each: not each.is_chosen)
    add = links.adding(parameters, name)
    choices = [
        Choice(
            each.value,
            links.without_value(parameters, name, each.value)
            if each.is_chosen
            else add(each.value),
            each.is_chosen,
            str(each.works),
        )
        for each in ordered
    ]
    is_open = any(each.is_chosen for each in choices)
    return Group(label, choices[:SHOWN], choices[SHOWN:], is_open)


def _flags(query: Query, counts: dict[str, list[Value]], parameters: QueryDict) -> list[Choice]:
    found = []
    for facet in facets_of_kind(Kind.FLAG):
        works = next((each.works for each in counts[facet.name] if each.value == "true"), 0)
        is_on = getattr(query.filters, facet.name) is True
        if works or is_on:
            link = links.setting(parameters, **{facet.name: "" if is_on else "true"})
            found.append(Choice(str(facet.label), link, is_on, str(works)))
    return found


def _colours(query: Query, parameters: QueryDict) -> list[Choice]:
    return [
        Choice(
            str(label),
            links.setting(parameters, palette="" if query.filters.palette == colour else colour),
            query.filters.palette == colour,
            colour=colour,
        )
        for colour, label in COLOUR_NAMES.items()
    ]


def _sorts(query: Query, parameters: QueryDict) -> list[Choice]:
    return [
        Choice(
            str(label),
            links.setting(parameters, sort="" if name == RELEVANCE else name),
            query.sort == name,
        )
        for name, label in SORTS.items()
        if name != RELEVANCE or not query.is_blank
    ]


def histogram(query: Query, values: Sequence[Value], parameters: QueryDict) -> Histogram | None:
    """Return the bars of the centuries in `values`; None where there is nothing to choose among."""
    works = {int(each.value): each.works for each in values}
    if len(works) < 2:
        return None
    first, last = query.filters.year_from, query.filters.year_to
    most, bars = max(works.values()), []
    for place, year in enumerate(range(min(works), max(works) + 1, CENTURY)):
        number, end = works.get(year, 0), year + CENTURY - 1
        is_whole = (first, last) == (year, end)
        height = max(HEIGHT * number / most, 1.0) if number else 0.0
        bars.append(
            Bar(
                label=century(year),
                link=links.setting(parameters, year_from="", year_to="")
                if is_whole
                else links.setting(parameters, year_from=str(year), year_to=str(end)),
                works=number,
                is_chosen=(first is not None or last is not None)
                and (first is None or end >= first)
                and (last is None or year <= last),
                x=place * (BAR + GAP),
                y=round(HEIGHT - height, 1),
                height=round(height, 1),
            )
        )
    return Histogram(bars, bars[0].label, bars[-1].label)


def century(year: int) -> str:
    """Return the hundred years from `year` as a range, which reads alike in every language."""
    if year < 0:
        return _("%(first)s–%(last)s BC") % {"first": -year, "last": 1 - year - CENTURY}  # noqa: RUF001
    return f"{max(year, 1)}–{year + CENTURY - 1}"  # noqa: RUF001

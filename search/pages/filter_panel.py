"""The filter panel beside the results: values with their counts, each a link that toggles it."""

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

INITIAL_VALUES = 6  # values of one facet before "More"
HISTOGRAM_HEIGHT = 40  # units of the SVG, as the next two
BAR_WIDTH, BAR_GAP = 10, 2
CENTURY_YEARS = 100
SORT_LABELS = {
    RELEVANCE: gettext_lazy("best matches first"),
    DATE: gettext_lazy("oldest first"),
    ARTIST: gettext_lazy("by artist"),
}


@dataclass(frozen=True)
class Choice:
    """A link that selects a value, or clears it where `is_chosen`.

    `works` is the number of works with it, "" if not counted.
    """

    label: str
    link: str
    is_chosen: bool
    works: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Group:
    """The values of one facet: the most common ones, and the rest under "More"."""

    label: str
    first: list[Choice]
    more: list[Choice]
    is_open: bool


@dataclass(frozen=True)
class Bar:
    """The bar of one century, in SVG units; `height` may be 0."""

    label: str
    link: str
    works: int
    is_chosen: bool
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Histogram:
    """Works by century, with a bar for every century from the first to the last."""

    bars: list[Bar]
    first: str
    last: str

    @property
    def width(self) -> int:
        """Return the width in SVG units."""
        return len(self.bars) * (BAR_WIDTH + BAR_GAP) - BAR_GAP


@dataclass(frozen=True)
class Panel:
    """The whole panel. `year_hidden_fields` and `palette_hidden_fields` belong to its two forms."""

    groups: list[Group]
    flags: list[Choice]
    histogram: Histogram | None
    colours: list[Choice]
    sorts: list[Choice]
    year_hidden_fields: list[tuple[str, str]]
    palette_hidden_fields: list[tuple[str, str]]


def panel(query: Query, parameters: QueryDict) -> Panel:
    """Return the filters that narrow `query`, with the number of works that each value keeps."""
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
        year_hidden_fields=links.hidden_fields(parameters, ("year_from", "year_to")),
        palette_hidden_fields=links.hidden_fields(parameters, ("palette",)),
    )


def _group(label: str, name: str, values: Sequence[Value], parameters: QueryDict) -> Group:
    # Chosen values come first, so that they are easy to clear.
    ordered = sorted(values, key=lambda each: not each.is_chosen)
    url_with = links.value_url(parameters, name)
    choices = [
        Choice(
            each.value,
            links.url_without_value(parameters, name, each.value)
            if each.is_chosen
            else url_with(each.value),
            each.is_chosen,
            str(each.works),
        )
        for each in ordered
    ]
    is_open = any(each.is_chosen for each in choices)
    return Group(label, choices[:INITIAL_VALUES], choices[INITIAL_VALUES:], is_open)


def _flags(query: Query, counts: dict[str, list[Value]], parameters: QueryDict) -> list[Choice]:
    flags = []
    for facet in facets_of_kind(Kind.FLAG):
        works = next((each.works for each in counts[facet.name] if each.value == "true"), 0)
        is_on = getattr(query.filters, facet.name) is True
        if works or is_on:
            link = links.changed_url(parameters, **{facet.name: "" if is_on else "true"})
            flags.append(Choice(str(facet.label), link, is_on, str(works)))
    return flags


def _colours(query: Query, parameters: QueryDict) -> list[Choice]:
    return [
        Choice(
            str(label),
            links.changed_url(
                parameters, palette="" if query.filters.palette == colour else colour
            ),
            query.filters.palette == colour,
            colour=colour,
        )
        for colour, label in COLOUR_NAMES.items()
    ]


def _sorts(query: Query, parameters: QueryDict) -> list[Choice]:
    return [
        Choice(
            str(label),
            links.changed_url(parameters, sort="" if name == RELEVANCE else name),
            query.sort == name,
        )
        for name, label in SORT_LABELS.items()
        if name != RELEVANCE or not query.is_blank
    ]


def histogram(query: Query, values: Sequence[Value], parameters: QueryDict) -> Histogram | None:
    """Return the histogram of the centuries in `values`; None for fewer than two centuries."""
    works = {int(each.value): each.works for each in values}
    if len(works) < 2:
        return None
    first, last = query.filters.year_from, query.filters.year_to
    most, bars = max(works.values()), []
    for place, year in enumerate(range(min(works), max(works) + 1, CENTURY_YEARS)):
        number, end = works.get(year, 0), year + CENTURY_YEARS - 1
        is_whole = (first, last) == (year, end)
        height = max(HISTOGRAM_HEIGHT * number / most, 1.0) if number else 0.0
        bars.append(
            Bar(
                label=century(year),
                link=links.changed_url(parameters, year_from="", year_to="")
                if is_whole
                else links.changed_url(parameters, year_from=str(year), year_to=str(end)),
                works=number,
                is_chosen=(first is not None or last is not None)
                and (first is None or end >= first)
                and (last is None or year <= last),
                x=place * (BAR_WIDTH + BAR_GAP),
                y=round(HISTOGRAM_HEIGHT - height, 1),
                height=round(height, 1),
            )
        )
    return Histogram(bars, bars[0].label, bars[-1].label)


def century(year: int) -> str:
    """Return the century that starts in `year` as a range of years, the same in every language."""
    if year < 0:
        return _("%(first)s–%(last)s BC") % {"first": -year, "last": 1 - year - CENTURY_YEARS}  # noqa: RUF001
    return f"{max(year, 1)}–{year + CENTURY_YEARS - 1}"  # noqa: RUF001

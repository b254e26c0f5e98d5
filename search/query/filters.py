"""The filters of a search: a work passes if each facet given has any of the values given for it."""

from dataclasses import fields, make_dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q

from search.query.facets import FACETS, Facet, Kind

if TYPE_CHECKING:
    from museum.models import ArtworkQuerySet

_EMPTY: tuple[Any, ...] = (None, (), "")
_TYPES: dict[Kind, tuple[Any, Any]] = {
    Kind.FLAG: (bool | None, None),
    Kind.YEARS: (int | None, None),
    Kind.PALETTE: (str, ""),
}
_Values = make_dataclass(
    "_Values",
    [
        (name, *_TYPES.get(facet.kind, (tuple[str, ...], ())))
        for facet in FACETS
        for name in facet.parameters
    ],
    frozen=True,
)


class Filters(_Values):  # type: ignore[misc, valid-type]
    """The value of each parameter of `FACETS`.

    A value is a tuple of texts as in the records; True, False or None; a year or None; or, for the
    palette, `#rrggbb` or "".
    """

    def __bool__(self) -> bool:
        return bool(self.given)

    def __repr__(self) -> str:
        # Cursors and cached answers hash it, so they stay valid when a facet is added.
        return f"Filters({self.given})"

    @property
    def given(self) -> dict[str, Any]:
        """The parameters that are set, with their values."""
        return {name: value for name, value in vars(self).items() if value not in _EMPTY}

    def without(self, *names: str) -> Self:
        """Return the same filters without the parameters `names`."""
        unset = {each.name: each.default for each in fields(self) if each.name in names}
        return replace(self, **unset)

    def apply(self, works: "ArtworkQuerySet") -> "ArtworkQuerySet":
        """Return those of `works` that pass."""
        for facet in FACETS:
            values = [getattr(self, name) for name in facet.parameters]
            if any(value not in _EMPTY for value in values):
                works = _filtered(works, facet, *values)
        return works


def _filtered(works: "ArtworkQuerySet", facet: Facet, *values: Any) -> "ArtworkQuerySet":
    match facet.kind:
        case Kind.VALUE:
            return works.filter(**{f"{facet.column}__in": values[0]})
        case Kind.LIST:
            return works.filter(**{f"{facet.column}__overlap": list(values[0])})
        case Kind.ARTIST:
            return works.made_by(values[0])
        case Kind.FLAG:
            is_so = Q(**{facet.column: facet.yes})
            return works.filter(is_so if values[0] else ~is_so)
        case Kind.YEARS:
            return works.dated(*values)
        case Kind.PALETTE:
            return works.coloured(values[0])

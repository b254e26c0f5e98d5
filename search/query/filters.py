"""What narrows a search: any of the values within a field, all of the fields given."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from museum.models.querysets import ArtworkQuerySet


@dataclass(frozen=True)
class Filters:
    """Values as the records have them; `year_from` to `year_to` (negative before the common era)
    keeps works whose own years overlap it; `colour` is `#rrggbb`, near a main colour."""

    type: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    artist: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    material: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    on_view: bool | None = None
    public_domain: bool | None = None
    has_picture: bool | None = None
    colour: str = ""

    def __bool__(self) -> bool:
        return self != Filters()

    def without(self, *names: str) -> Self:
        """Return the same with the fields `names` lifted."""
        unset = {field.name: field.default for field in fields(self) if field.name in names}
        return replace(self, **unset)  # type: ignore[arg-type]

    def apply(self, works: "ArtworkQuerySet") -> "ArtworkQuerySet":
        """Return those of `works` that pass."""
        for column, values in (
            ("artwork_type", self.type),
            ("department", self.department),
            ("place_of_origin", self.place),
            ("medium_display", self.medium),
        ):
            works = works.filter(**{f"{column}__in": values}) if values else works
        for column, values in (
            ("style_titles", self.style),
            ("subject_titles", self.subject),
            ("material_titles", self.material),
        ):
            works = works.filter(**{f"{column}__overlap": list(values)}) if values else works
        works = works.made_by(self.artist) if self.artist else works
        works = works.dated(self.year_from, self.year_to)
        works = works if self.on_view is None else works.filter(is_on_view=self.on_view)
        if self.public_domain is not None:
            works = works.filter(is_public_domain=self.public_domain)
        works = works if self.has_picture is None else works.pictured(self.has_picture)
        return works.coloured(self.colour) if self.colour else works

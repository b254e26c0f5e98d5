"""The facets of the collection.

One entry makes a facet's form field, filter, counts, chips, links beside the results, list filter
in the admin, and part of the OpenAPI document. A new facet needs an entry, an indexed column of
`Artwork`, and its line in the source's record (`ingest/sources/artic/parse.py`).
Pure: no database.
"""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(Enum):
    """What a facet's column holds, and so how a work is filtered and counted by it."""

    VALUE = "one text a work"
    LIST = "an array of texts"
    ARTIST = "the foreign key of the artist, who is known by name"
    FLAG = "yes or no"
    YEARS = "the years from date_start to date_end, counted by century"
    PALETTE = "the main colours of the picture, as JSON"


@dataclass(frozen=True)
class Facet:
    """One facet. `label` is for visitors; `description` (English) explains the parameter.

    A flag is set where its column equals `yes`, and `label_if_not` names the works without it.
    `parameters` defaults to the name. `old_name` is a deprecated parameter that still works.
    """

    name: str
    kind: Kind
    column: str
    label: Promise
    description: str
    label_if_not: Promise | None = None
    yes: bool | str = True
    parameters: tuple[str, ...] = ()
    old_name: str = ""
    is_counted: bool = True
    is_in_admin: bool = False

    def __post_init__(self) -> None:
        if not self.parameters:
            object.__setattr__(self, "parameters", (self.name,))

    @property
    def takes_names(self) -> bool:
        """Whether the parameter may be repeated, each time with the name of a value."""
        return self.kind in {Kind.VALUE, Kind.LIST, Kind.ARTIST}


FACETS = (
    Facet(
        "type",
        Kind.VALUE,
        "artwork_type",
        _("Type"),
        "Type of work, such as Painting or Print.",
        is_in_admin=True,
    ),
    Facet(
        "department",
        Kind.VALUE,
        "department",
        _("Department"),
        "Department of the museum.",
        is_in_admin=True,
    ),
    Facet("place", Kind.VALUE, "place_of_origin", _("Place"), "Place of origin."),
    Facet("artist", Kind.ARTIST, "artist_id", _("Artist"), "Artist's full name."),
    Facet("style", Kind.LIST, "style_titles", _("Style"), "Style, such as Impressionism."),
    Facet("subject", Kind.LIST, "subject_titles", _("Subject"), "What the work shows."),
    Facet(
        "classification",
        Kind.LIST,
        "classification_titles",
        _("Classification"),
        "Class of object, such as woodblock print or oil painting.",
        is_in_admin=True,
    ),
    Facet(
        "medium",
        Kind.VALUE,
        "medium_display",
        _("Medium"),
        "Medium, worded exactly as in the record.",
        is_counted=False,
    ),
    Facet("material", Kind.LIST, "material_titles", _("Material"), "Material, such as oil paint."),
    Facet(
        "century",
        Kind.YEARS,
        "date_start",
        _("Years"),
        "Year, negative before the common era. A work matches if it was made in any of the years "
        "from year_from to year_to.",
        parameters=("year_from", "year_to"),
    ),
    Facet(
        "on_view",
        Kind.FLAG,
        "is_on_view",
        _("On view"),
        "Whether the work is on view in the galleries.",
        label_if_not=_("Not on view"),
        is_in_admin=True,
    ),
    Facet(
        "public_domain",
        Kind.FLAG,
        "is_public_domain",
        _("Public domain"),
        "Whether the work is in the public domain.",
        label_if_not=_("Not in the public domain"),
        is_in_admin=True,
    ),
    Facet(
        "has_picture",
        Kind.FLAG,
        "image_status",
        _("With a picture"),
        "Whether this site has a picture of the work.",
        label_if_not=_("Without a picture"),
        yes="stored",
    ),
    Facet(
        "palette",
        Kind.PALETTE,
        "palette",
        _("Colour"),
        "Colour that must be among the main colours of the picture, as #rrggbb. To rank works by a "
        "colour instead, use color.",
        old_name="colour",
        is_counted=False,
    ),
)
COUNTED = {facet.name: facet for facet in FACETS if facet.is_counted}
# Deprecated parameters, by what to use instead.
OLD_NAMES = {facet.old_name: facet.name for facet in FACETS if facet.old_name}


def facets_of_kind(*kinds: Kind) -> list[Facet]:
    """Return the facets of these kinds."""
    return [facet for facet in FACETS if facet.kind in kinds]

"""The record of a work as a visitor reads it."""

from django.utils.translation import gettext as _

from museum.models import Artwork


def facts(work: Artwork) -> list[tuple[str, str]]:
    """Labels and values; what the museum does not say is left out."""
    pairs = [
        (_("Artist"), work.artist_display or (work.artist.name if work.artist else "")),
        (_("Date"), work.date_display),
        (_("Place"), work.place_of_origin),
        (_("Medium"), work.medium_display),
        (_("Dimensions"), work.dimensions),
        (_("Type"), work.artwork_type),
        (_("Style"), ", ".join(work.style_titles)),
        (_("Department"), work.department),
        (_("Other titles"), "\n".join(work.alt_titles)),
        (_("Inscriptions"), work.inscriptions),
        (_("Credit line"), work.credit_line),
        (_("Accession number"), work.accession_number),
        (_("On view"), work.gallery_title if work.is_on_view else ""),
        (_("Rights"), rights(work)),
    ]
    return [(label, value) for label, value in pairs if value]


def rights(work: Artwork) -> str:
    """What may be done with the picture, as far as the record says."""
    return work.copyright_notice or (_("Public domain") if work.is_public_domain else "")

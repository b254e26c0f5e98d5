"""The record of a work as a visitor reads it."""

from museum.models import Artwork


def facts(work: Artwork) -> list[tuple[str, str]]:
    """Labels and values; what the museum does not say is left out."""
    pairs = [
        ("Artist", work.artist_display or (work.artist.name if work.artist else "")),
        ("Date", work.date_display),
        ("Place", work.place_of_origin),
        ("Medium", work.medium_display),
        ("Dimensions", work.dimensions),
        ("Type", work.artwork_type),
        ("Style", ", ".join(work.style_titles)),
        ("Department", work.department),
        ("Also called", "\n".join(work.alt_titles)),
        ("Inscriptions", work.inscriptions),
        ("Credit", work.credit_line),
        ("Accession number", work.accession_number),
        ("On view", work.gallery_title if work.is_on_view else ""),
        ("Rights", rights(work)),
    ]
    return [(label, value) for label, value in pairs if value]


def rights(work: Artwork) -> str:
    """What may be done with the picture, as far as the record says."""
    return work.copyright_notice or ("Public domain" if work.is_public_domain else "")

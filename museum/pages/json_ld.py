"""A work as schema.org describes it, for search engines: https://schema.org/VisualArtwork"""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from museum.images import urls
from museum.models import Artwork, Description

# What could end the script element, or begin another, in a browser's eyes.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def linked_data(work: Artwork, descriptions: Sequence[Description] = ()) -> SafeString:
    """Return JSON-LD that is safe inside a script element; what is not known is left out."""
    picture = urls.picture_url(work, 843) or ""
    creator = work.artist.name if work.artist else ""
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VisualArtwork",
        "@id": settings.SITE_URL + work.get_absolute_url(),
        "url": settings.SITE_URL + work.get_absolute_url(),
        "name": work.title,
        "alternateName": work.alt_titles,
        "creator": {"@type": "Person", "name": creator} if creator else None,
        "dateCreated": work.date_display,
        "artform": work.artwork_type,
        "artMedium": work.medium_display,
        "size": work.dimensions,
        "creditText": work.credit_line,
        "identifier": work.accession_number,
        "locationCreated": work.place_of_origin,
        "keywords": work.subject_titles,
        "description": descriptions[0].text if descriptions else None,
        "image": settings.SITE_URL + picture if picture.startswith("/") else picture,
        "copyrightNotice": work.copyright_notice,
    }
    known = {name: value for name, value in said.items() if value}
    text = json.dumps(known, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308 - every sign that could leave the element is escaped

"""Works as JSON-LD for search engines. Source: https://schema.org/VisualArtwork"""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from museum.images import urls
from museum.models import Artwork, Description

# Characters with which a browser could end the script element or begin another.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def linked_data(work: Artwork, descriptions: Sequence[Description] = ()) -> SafeString:
    """Return JSON-LD that is safe inside a script element, without empty properties."""
    picture = urls.picture_url(work, 843) or ""
    creator = work.artist.name if work.artist else ""
    properties: dict[str, Any] = {
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
    present = {name: value for name, value in properties.items() if value}
    text = json.dumps(present, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308 - every character that could end the element is escaped

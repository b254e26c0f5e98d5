"""Pictures in admin lists and forms."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from museum.images import urls
from museum.models import Artwork


def thumbnail(work: Artwork | None, width: int = 200, height: int = 48) -> SafeString | str:
    """Return the picture of `work`, `height` pixels high on the page; "" where there is none."""
    address = urls.picture_url(work, width) if work else None
    if not address:
        return ""
    return format_html('<img src="{}" alt="" height="{}" loading="lazy">', address, height)

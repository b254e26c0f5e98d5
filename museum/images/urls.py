"""URLs of pictures, on this site or on the museum's IIIF server."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from museum.models import Artwork, ImageStatus

WIDTHS = (200, 400, 600, 843)
# AIC serves this width for public-domain works only.
LARGE_WIDTH = 1686
# States without a picture to show. A fetch that was refused or failed, or that was not allowed, is
# none of them: visitors' browsers may still load the picture.
UNUSABLE = {ImageStatus.NONE, ImageStatus.MISSING, ImageStatus.INVALID}


def picture_url(artwork: Artwork, width: int) -> str | None:
    """Return the URL of the picture at least `width` pixels wide; None where there is none."""
    base = _base(artwork)
    if base is None:
        return None
    widths = _widths(artwork)
    nearest = next((each for each in widths if each >= width), widths[-1])
    return f"{base}/full/{nearest},/0/default.jpg"


def srcset(artwork: Artwork) -> str:
    """Return the value of the attribute `srcset`; "" where there is no picture."""
    base = _base(artwork)
    if base is None:
        return ""
    widths = _widths(artwork)
    full = artwork.image_width or widths[-1]
    return ", ".join(f"{base}/full/{each},/0/default.jpg {min(each, full)}w" for each in widths)


def _base(artwork: Artwork) -> str | None:
    if artwork.image_id and _is_remote(artwork) and artwork.image_status not in UNUSABLE:
        return f"{(artwork.iiif_url or '').rstrip('/')}/{artwork.image_id}"
    if artwork.image_status == ImageStatus.STORED:
        return _stored(artwork.image_sha256)
    return None


@lru_cache(maxsize=4096)
def _stored(sha256: str) -> str:
    # Cached: a page needs it several times for each picture.
    return reverse("iiif", args=[sha256, "info.json"]).removesuffix("/info.json")


def _is_remote(artwork: Artwork) -> bool:
    parts = urlsplit(artwork.iiif_url or "")
    return f"{parts.scheme}://{parts.netloc}" in settings.IIIF_HOSTS


def _widths(artwork: Artwork) -> list[int]:
    """Return the widths to request, none of which enlarges the original.

    This site answers the first width beyond the original with the original's own width. Another
    host may refuse that width or enlarge the picture, so it is not requested there.
    """
    widths = list(WIDTHS)
    full = artwork.image_width or LARGE_WIDTH
    if _is_remote(artwork):
        widths += [LARGE_WIDTH] if artwork.is_public_domain and artwork.image_width else []
        return [each for each in widths if each <= full] or widths[:1]
    smaller = [each for each in widths if each < full]
    return widths[: len(smaller) + 1]


def information_url(artwork: Artwork) -> str | None:
    """Return the URL of the picture's `info.json`, for deep zoom; None where there is none.

    AIC serves tiles, like any large picture, for public-domain works only.
    """
    if _is_remote(artwork) and not artwork.is_public_domain:
        return None
    base = _base(artwork)
    return None if base is None else f"{base}/info.json"

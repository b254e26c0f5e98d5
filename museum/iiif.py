"""Addresses of pictures, and our own IIIF Image API 2 for the pictures that we store.

A picture on a host of `IIIF_HOSTS` is loaded by the visitor's browser from there; any other stored
picture is served here, in the widths that AIC's cache holds as well, and in tiles for deep zoom.
"""

import io
import re
import threading
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import condition, require_safe
from PIL import Image

from museum import kept, pictures, tiles
from museum.models import Artwork, ImageStatus

WIDTHS = (200, 400, 600, 843)
# AIC serves this width of public-domain works only.
LARGE_WIDTH = 1686
# A seventh fewer bytes than 85, over pictures of the sample museum; those made before stay.
QUALITY = 80
# A refused, restricted or failed fetch says nothing about what visitors' browsers may load.
UNUSABLE = {ImageStatus.NONE, ImageStatus.MISSING, ImageStatus.INVALID}
REQUEST = re.compile(r"(full|\d{1,5},\d{1,5},\d{1,5},\d{1,5})/(full|\d{1,5},)/0/default\.jpg")
# One decoded picture can be 192 MB (`pictures.MAX_PIXELS`), so few are resized at a time.
_resizing = threading.BoundedSemaphore(2)


def picture_url(artwork: Artwork, width: int) -> str | None:
    """Where a browser finds the picture `width` or a little more pixels wide; None without one."""
    base = _base(artwork)
    if base is None:
        return None
    widths = _widths(artwork)
    chosen = next((each for each in widths if each >= width), widths[-1])
    return f"{base}/full/{chosen},/0/default.jpg"


def srcset(artwork: Artwork) -> str:
    """Every width of the picture, as the attribute of the same name; "" where there is none."""
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
    # Asked several times for each picture of a page.
    return reverse("iiif", args=[sha256, "info.json"]).removesuffix("/info.json")


def _is_remote(artwork: Artwork) -> bool:
    parts = urlsplit(artwork.iiif_url or "")
    return f"{parts.scheme}://{parts.netloc}" in settings.IIIF_HOSTS


def _widths(artwork: Artwork) -> list[int]:
    """Widths to ask for, none that would enlarge the original.

    We answer the first width beyond the original with the original's own width; whether another
    host would refuse it or enlarge the picture is not known, so it is not asked.
    """
    widths = list(WIDTHS)
    full = artwork.image_width or LARGE_WIDTH
    if _is_remote(artwork):
        widths += [LARGE_WIDTH] if artwork.is_public_domain and artwork.image_width else []
        return [each for each in widths if each <= full] or widths[:1]
    smaller = [each for each in widths if each < full]
    return widths[: len(smaller) + 1]


def information_url(artwork: Artwork) -> str | None:
    """Where the picture's `info.json` is, which tells a viewer how to zoom; None without one.

    AIC serves tiles, as any large picture, of public-domain works only.
    """
    if _is_remote(artwork) and not artwork.is_public_domain:
        return None
    base = _base(artwork)
    return None if base is None else f"{base}/info.json"


def _etag(request: HttpRequest, sha256: str, parameters: str) -> str | None:
    name = _asked(parameters)
    return name and f'"{sha256[:16]}-{_plain(name)}"'


def _asked(parameters: str) -> str | None:
    match = REQUEST.fullmatch(parameters)
    return tiles.canonical(*match.groups()) if match else None


@require_safe
@condition(etag_func=_etag)
def image(request: HttpRequest, sha256: str, parameters: str) -> HttpResponse:
    """One stored picture in one of `WIDTHS`, a tile of it, or its `info.json`.

    IIIF Image API 2.1, level 0: what may be asked for is what `info.json` names.
    """
    if parameters == "info.json":
        return _information(request, sha256)
    name = _asked(parameters)
    data = name and (kept.read(_file(sha256, name)) or _made(sha256, name))
    if not data:
        return _refused()
    response = HttpResponse(data, content_type="image/jpeg")
    return _for_everyone(response, "public, max-age=31536000, immutable")


def _refused() -> HttpResponse:
    widths = ", ".join(map(str, WIDTHS))
    mend = (
        f"Ask for full/WIDTH,/0/default.jpg with WIDTH one of {widths}, or a tile of info.json.\n"
    )
    return HttpResponse(mend, status=400, content_type="text/plain; charset=utf-8")


def _information(request: HttpRequest, sha256: str) -> HttpResponse:
    width, height = _size(sha256)
    sizes = [each for each in WIDTHS if each < width] or [min(width, *WIDTHS)]
    information = {
        "@context": "http://iiif.io/api/image/2/context.json",
        "@id": request.build_absolute_uri(request.path.removesuffix("/info.json")),
        "protocol": "http://iiif.io/api/image",
        "width": width,
        "height": height,
        "profile": ["http://iiif.io/api/image/2/level0.json"],
        "sizes": [{"width": each, "height": round(height * each / width)} for each in sizes],
        "tiles": [{"width": tiles.SIDE, "scaleFactors": tiles.scale_factors(width, height)}],
    }
    return _for_everyone(JsonResponse(information), "public, max-age=86400")


def _for_everyone(response: HttpResponse, cache_control: str) -> HttpResponse:
    response["Cache-Control"] = cache_control
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _original(sha256: str) -> bytes:
    try:
        return pictures.read(sha256)
    except FileNotFoundError as error:
        raise Http404("no such picture") from error


def _size(sha256: str) -> tuple[int, int]:
    """Return width and height of the upright picture, from its first bytes alone."""
    try:
        return pictures.size(sha256)
    except FileNotFoundError as error:
        raise Http404("no such picture") from error
    except pictures.InvalidPicture as error:
        raise Http404("the stored picture cannot be read") from error


def _file(sha256: str, name: str) -> str:
    return f"derived/{sha256[:2]}/{sha256[2:4]}/{sha256}-{_plain(name)}.jpg"


def _plain(name: str) -> str:
    # Whole pictures are called by their width alone, as before there were tiles.
    return name.removeprefix("full/").rstrip(",").replace("/", "-").replace(",", "-")


def _made(sha256: str, name: str) -> bytes | None:
    """Make and keep what has this name; None where it is nothing that we serve.

    The tiles of one level are made together: a viewer soon asks for the others, and decoding the
    picture is most of the work.
    """
    width = next((each for each in WIDTHS if name == f"full/{each},"), None)
    factor = None if width else tiles.factor_of(*_size(sha256), name)
    if not width and not factor:
        return None
    with _resizing:
        if data := kept.read(_file(sha256, name)):  # made while this request waited
            return data
        picture = _decode(sha256)
        made = {name: _resized(picture, width)} if width else _cut(picture, factor or 1)
    for each, data in made.items():
        kept.keep(_file(sha256, each), data)
    return made[name]


def _decode(sha256: str) -> Image.Image:
    try:
        return pictures.decode(_original(sha256))
    except pictures.InvalidPicture as error:
        raise Http404("the stored picture cannot be read") from error


def _resized(picture: Image.Image, width: int) -> bytes:
    profile = pictures.profile(picture)
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    return _jpeg(picture, profile)


def _cut(picture: Image.Image, factor: int) -> dict[str, bytes]:
    """Return every tile of the picture `factor` times smaller, by its name."""
    profile = pictures.profile(picture)
    level = tiles.level(*picture.size, factor)
    if factor > 1:
        picture = picture.resize(
            tiles.level_size(*picture.size, factor), Image.Resampling.LANCZOS, reducing_gap=3.0
        )
    return {
        tile.name: _jpeg(
            picture.crop((tile.left, tile.top, tile.left + tile.width, tile.top + tile.height)),
            profile,
        )
        for tile in level
    }


def _jpeg(picture: Image.Image, profile: bytes | None) -> bytes:
    buffer = io.BytesIO()
    picture.save(
        buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True, icc_profile=profile
    )
    return buffer.getvalue()

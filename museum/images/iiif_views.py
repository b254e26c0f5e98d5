"""The IIIF Image API 2 for pictures that are stored here.

A picture on a host of `IIIF_HOSTS` is loaded by the visitor's browser from there; any other stored
picture is served here, in the widths that AIC's cache holds as well, and in tiles for deep zoom.
"""

import io
import re
import threading

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import condition, require_safe
from PIL import Image

from museum.core.caching import blob_store
from museum.images import decoding, storage, tiles
from museum.images.urls import WIDTHS

# A seventh fewer bytes than 85, over pictures of the sample museum; those made before stay.
QUALITY = 80
REQUEST = re.compile(r"(full|\d{1,5},\d{1,5},\d{1,5},\d{1,5})/(full|\d{1,5},)/0/default\.jpg")
# One decoded picture can be 192 MB (`decoding.MAX_PIXELS`), so few are resized at a time.
_resizing = threading.BoundedSemaphore(2)


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
    data = name and (blob_store.read(_file(sha256, name)) or _made(sha256, name))
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
        return storage.read(sha256)
    except FileNotFoundError as error:
        raise Http404("no such picture") from error


def _size(sha256: str) -> tuple[int, int]:
    """Return width and height of the upright picture, from its first bytes alone."""
    try:
        return storage.size(sha256)
    except FileNotFoundError as error:
        raise Http404("no such picture") from error
    except decoding.InvalidPicture as error:
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
        if data := blob_store.read(_file(sha256, name)):  # made while this request waited
            return data
        picture = _decode(sha256)
        made = {name: _resized(picture, width)} if width else _cut(picture, factor or 1)
    for each, data in made.items():
        blob_store.keep(_file(sha256, each), data)
    return made[name]


def _decode(sha256: str) -> Image.Image:
    try:
        return decoding.decode(_original(sha256))
    except decoding.InvalidPicture as error:
        raise Http404("the stored picture cannot be read") from error


def _resized(picture: Image.Image, width: int) -> bytes:
    profile = decoding.profile(picture)
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    return _jpeg(picture, profile)


def _cut(picture: Image.Image, factor: int) -> dict[str, bytes]:
    """Return every tile of the picture `factor` times smaller, by its name."""
    profile = decoding.profile(picture)
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

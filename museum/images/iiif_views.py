"""Serve stored pictures by the IIIF Image API 2.

Browsers load a picture on a host of `IIIF_HOSTS` from there. Any other stored picture is served
here, in the same widths that AIC caches, and in tiles for deep zoom.
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

# Over pictures of the sample museum, a seventh fewer bytes than 85.
JPEG_QUALITY = 80
REQUEST_PATTERN = re.compile(
    r"(full|\d{1,5},\d{1,5},\d{1,5},\d{1,5})/(full|\d{1,5},)/0/default\.jpg"
)
# One decoded picture can take 192 MB (`decoding.MAX_PIXELS`), so few are resized at a time.
_resizing = threading.BoundedSemaphore(2)


def _etag(request: HttpRequest, sha256: str, parameters: str) -> str | None:
    name = _canonical_name(parameters)
    return name and f'"{sha256[:16]}-{_file_suffix(name)}"'


def _canonical_name(parameters: str) -> str | None:
    match = REQUEST_PATTERN.fullmatch(parameters)
    return tiles.canonical(*match.groups()) if match else None


@require_safe
@condition(etag_func=_etag)
def image(request: HttpRequest, sha256: str, parameters: str) -> HttpResponse:
    """Return one stored picture in one of `WIDTHS`, a tile of it, or its `info.json`.

    IIIF Image API 2.1, level 0: `info.json` names everything that may be requested.
    """
    if parameters == "info.json":
        return _information(request, sha256)
    name = _canonical_name(parameters)
    data = name and (blob_store.read(_file(sha256, name)) or _render(sha256, name))
    if not data:
        return _bad_request()
    response = HttpResponse(data, content_type="image/jpeg")
    return _public(response, "public, max-age=31536000, immutable")


def _bad_request() -> HttpResponse:
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
    return _public(JsonResponse(information), "public, max-age=86400")


def _public(response: HttpResponse, cache_control: str) -> HttpResponse:
    response["Cache-Control"] = cache_control
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _original(sha256: str) -> bytes:
    try:
        return storage.read(sha256)
    except FileNotFoundError as error:
        raise Http404("no such picture") from error


def _size(sha256: str) -> tuple[int, int]:
    """Return width and height of the upright picture, from its first bytes."""
    try:
        return storage.size(sha256)
    except FileNotFoundError as error:
        raise Http404("no such picture") from error
    except decoding.InvalidPictureError as error:
        raise Http404("the stored picture cannot be read") from error


def _file(sha256: str, name: str) -> str:
    return f"derived/{sha256[:2]}/{sha256[2:4]}/{sha256}-{_file_suffix(name)}.jpg"


def _file_suffix(name: str) -> str:
    # The name of a whole picture is its width; stored files have these names.
    return name.removeprefix("full/").rstrip(",").replace("/", "-").replace(",", "-")


def _render(sha256: str, name: str) -> bytes | None:
    """Render and store the picture or tile of this name; None for a name that is not served.

    The tiles of one level are rendered together: a viewer soon requests the others, and decoding
    the picture is most of the work.
    """
    width = next((each for each in WIDTHS if name == f"full/{each},"), None)
    factor = None if width else tiles.factor_of(*_size(sha256), name)
    if not width and not factor:
        return None
    with _resizing:
        if data := blob_store.read(_file(sha256, name)):  # rendered while this request waited
            return data
        picture = _decode(sha256)
        files = {name: _resized(picture, width)} if width else _render_tiles(picture, factor or 1)
    for each, data in files.items():
        blob_store.write(_file(sha256, each), data)
    return files[name]


def _decode(sha256: str) -> Image.Image:
    try:
        return decoding.decode(_original(sha256))
    except decoding.InvalidPictureError as error:
        raise Http404("the stored picture cannot be read") from error


def _resized(picture: Image.Image, width: int) -> bytes:
    profile = decoding.colour_profile(picture)
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    return _jpeg(picture, profile)


def _render_tiles(picture: Image.Image, factor: int) -> dict[str, bytes]:
    """Return every tile of the picture `factor` times smaller, as JPEG by name."""
    profile = decoding.colour_profile(picture)
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
        buffer, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True, icc_profile=profile
    )
    return buffer.getvalue()

"""Addresses of pictures, and our own IIIF Image API 2 for the pictures that we store.

A picture on a host of `IIIF_HOSTS` is loaded by the visitor's browser from there; any other stored
picture is served here, in the widths that AIC's cache holds as well.
"""

import io
import re
import secrets
import threading
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import condition, require_safe
from PIL import Image

from museum import pictures
from museum.models import Artwork, ImageStatus

WIDTHS = (200, 400, 600, 843)
# AIC serves this width of public-domain works only.
LARGE_WIDTH = 1686
QUALITY = 85
# A refused, restricted or failed fetch says nothing about what visitors' browsers may load.
UNUSABLE = {ImageStatus.NONE, ImageStatus.MISSING, ImageStatus.INVALID}
REQUEST = re.compile(r"full/(\d{1,5}),/0/default\.jpg")
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
        information = reverse("iiif", args=[artwork.image_sha256, "info.json"])
        return information.removesuffix("/info.json")
    return None


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


def _etag(request: HttpRequest, sha256: str, parameters: str) -> str | None:
    return f'"{sha256[:16]}-{match[1]}"' if (match := REQUEST.fullmatch(parameters)) else None


@require_safe
@condition(etag_func=_etag)
def image(request: HttpRequest, sha256: str, parameters: str) -> HttpResponse:
    """One stored picture in one of `WIDTHS`, or its `info.json` (IIIF Image API 2.1, level 0)."""
    if parameters == "info.json":
        return _information(request, sha256)
    match = REQUEST.fullmatch(parameters)
    if match is None or int(match[1]) not in WIDTHS:
        widths = ", ".join(map(str, WIDTHS))
        mend = f"Ask for full/WIDTH,/0/default.jpg with WIDTH one of {widths}.\n"
        return HttpResponse(mend, status=400, content_type="text/plain; charset=utf-8")
    response = HttpResponse(_derived(sha256, int(match[1])), content_type="image/jpeg")
    return _for_everyone(response, "public, max-age=31536000, immutable")


def _information(request: HttpRequest, sha256: str) -> HttpResponse:
    with _resizing:
        width, height = _decode(_original(sha256)).size  # upright, as it is served
    sizes = [each for each in WIDTHS if each < width] or [min(width, *WIDTHS)]
    information = {
        "@context": "http://iiif.io/api/image/2/context.json",
        "@id": request.build_absolute_uri(request.path.removesuffix("/info.json")),
        "protocol": "http://iiif.io/api/image",
        "width": width,
        "height": height,
        "profile": ["http://iiif.io/api/image/2/level0.json"],
        "sizes": [{"width": each, "height": round(height * each / width)} for each in sizes],
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


def _derived(sha256: str, width: int) -> bytes:
    """The JPEG of that width, from the cache or made now and kept there."""
    name = f"derived/{sha256[:2]}/{sha256[2:4]}/{sha256}-{width}.jpg"
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        pass
    with _resizing:
        data = _resize(_original(sha256), width)
    _keep(name, data)
    return data


def _decode(data: bytes) -> Image.Image:
    try:
        return pictures.decode(data)
    except pictures.InvalidPicture as error:
        raise Http404("the stored picture cannot be read") from error


def _resize(data: bytes, width: int) -> bytes:
    picture = _decode(data)
    profile = picture.info.get("icc_profile") or b""
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(
        buffer,
        "JPEG",
        quality=QUALITY,
        optimize=True,
        progressive=True,
        # Of a grey or CMYK original the profile would no longer fit.
        icc_profile=profile if profile[16:20] == b"RGB " else None,
    )
    return buffer.getvalue()


def _keep(name: str, data: bytes) -> None:
    """Put `data` in the storage so that no reader ever meets half of it."""
    try:
        target = Path(default_storage.path(name))
    except NotImplementedError:
        default_storage.save(name, ContentFile(data))  # object stores show whole objects only
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    partial.write_bytes(data)
    partial.replace(target)

"""Decode pictures of many formats into upright 8-bit RGB."""

import io
import math
import struct
import warnings
from typing import IO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_BYTES = 32 * 1024 * 1024
# A picture is decoded at once; 64 megapixels of RGB are 192 MB.
MAX_PIXELS = 64_000_000
# No others: Pillow reads some sixty formats, and starts Ghostscript for PostScript.
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF", "AVIF", "JPEG2000")
WEB_FORMATS = {"JPEG", "PNG", "WEBP", "GIF"}
MAX_WEB_SIDE = 1686  # pixels; AIC's largest picture
WEB_QUALITY = 90
_ORIENTATION_TAG = 0x0112  # Exif
_FULL_SCALES = (1.0, 255.0, 65535.0)


class InvalidPictureError(Exception):
    """The bytes are not a picture that can be used; the message says why."""


def decode(data: bytes, max_bytes: int = MAX_BYTES) -> Image.Image:
    """Decode `data` to an upright RGB picture, with transparent parts white.

    Sizes are checked before a pixel is decoded, so a decompression bomb costs nothing. An animation
    gives its first frame; channels of more than 8 bits are scaled to 8. Raises
    `InvalidPictureError`.
    """
    try:
        return _to_rgb(_upright(_open(data, max_bytes)))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InvalidPictureError(f"no picture: {error}") from error


def to_web_format(data: bytes, max_bytes: int = MAX_BYTES) -> bytes:
    """Return `data` where browsers show it correctly, or else the picture as a JPEG.

    The JPEG is upright, has no transparency, is at most `MAX_WEB_SIDE` pixels high or wide, and
    keeps a colour profile that is valid for it. Raises `InvalidPictureError`.
    """
    decoded = decode(data, max_bytes)
    if _is_web_ready(_open(data, max_bytes)):
        return data
    decoded.thumbnail((MAX_WEB_SIDE, MAX_WEB_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    decoded.save(
        buffer, "JPEG", quality=WEB_QUALITY, optimize=True, icc_profile=colour_profile(decoded)
    )
    return buffer.getvalue()


def colour_profile(decoded: Image.Image) -> bytes | None:
    """Return the RGB colour profile of a decoded picture.

    None where there is none, or where it belongs to a grey or CMYK original.
    """
    profile = decoded.info.get("icc_profile") or b""
    return profile if profile[16:20] == b"RGB " else None


def _open(data: bytes, max_bytes: int) -> Image.Image:
    if len(data) > max_bytes:
        raise InvalidPictureError(f"{len(data)} bytes are more than the {max_bytes} allowed")
    return open_picture(io.BytesIO(data))


def open_picture(file: IO[bytes]) -> Image.Image:
    """Open the picture in `file` without decoding pixels. Raises `InvalidPictureError`."""
    try:
        with warnings.catch_warnings():
            # Pillow's own limit only warns at first; `MAX_PIXELS` is checked below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        file.seek(0)
        start = file.read(15).lstrip().lower()
        is_html = start.startswith((b"<!doctype", b"<html"))
        what = "an HTML page" if is_html else f"none of {', '.join(FORMATS)}"
        raise InvalidPictureError(f"no picture: {what}") from error
    except Image.DecompressionBombError as error:
        raise InvalidPictureError(str(error)) from error
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise InvalidPictureError(f"no picture: {error}") from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise InvalidPictureError(
            f"{width} x {height} pixels are more than the {MAX_PIXELS} allowed"
        )
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """Turn the picture as its Exif data says; ignore Exif data that cannot be read."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return picture


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode[0] in "IF":
        picture = _eight_bits(picture)
    if picture.mode == "CMYK":
        return _from_cmyk(picture)
    if picture.has_transparency_data:
        whole = picture.convert("RGBA")
        canvas = Image.new("RGB", whole.size, "white")
        canvas.paste(whole, mask=whole.getchannel("A"))
        canvas.info["icc_profile"] = picture.info.get("icc_profile")
        return canvas
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale greys of 16 or 32 bits or floating-point greys to 8 bits; `convert` would clip them.

    White is the smallest common full scale that holds the lightest grey: 1, 255 or 65535. Other
    greys are stretched between their own extremes.
    """
    is_16_bit = picture.mode.startswith("I;16")
    greys = picture.convert("F")
    low, high = greys.getextrema()
    if not (isinstance(low, float) and isinstance(high, float) and math.isfinite(high - low)):
        raise ValueError("its greys are no numbers")
    scales = _FULL_SCALES[2:] if picture.mode[0] == "I" else _FULL_SCALES
    white = next((scale for scale in scales if low >= 0 and high <= scale), None)
    black = 0.0 if white or is_16_bit else low
    factor = 255 / ((white or high) - black or 1.0)
    return greys.point(lambda grey: grey * factor + (0.5 - black * factor)).convert("L")


def _from_cmyk(picture: Image.Image) -> Image.Image:
    """Convert CMYK by its colour profile if it has one; plain arithmetic makes garish colours."""
    try:
        inks = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        screen = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, inks, screen, outputMode="RGB")
    except (KeyError, TypeError, OSError, ImageCms.PyCMSError):
        converted = None
    return converted or picture.convert("RGB")


def is_sideways(picture: Image.Image) -> bool:
    """Return whether readable Exif data says that width and height are swapped."""
    try:
        return picture.getexif().get(_ORIENTATION_TAG) in {5, 6, 7, 8}
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return False


def _is_web_ready(picture: Image.Image) -> bool:
    return (
        picture.format in WEB_FORMATS
        and picture.mode in {"RGB", "L", "P"}
        and max(picture.size) <= MAX_WEB_SIDE
        and not picture.has_transparency_data
        and not getattr(picture, "is_animated", False)
        and picture.getexif().get(_ORIENTATION_TAG, 1) == 1
    )

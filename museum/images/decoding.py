"""TODO: museum.images.decoding."""

import io
import math
import struct
import warnings
from typing import IO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_BYTES = 32 * 1024 * 1024


# A picture is decoded whole; 64 megapixels of RGB are 192 MB.
MAX_PIXELS = 64_000_000


# Others are left alone: Pillow reads some sixty formats, PostScript by starting Ghostscript.
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF", "AVIF", "JPEG2000")


WEB_FORMATS = {"JPEG", "PNG", "WEBP", "GIF"}


WEB_SIZE = 1686  # pixels; the largest that AIC shows, too


WEB_QUALITY = 90


_ORIENTATION = 0x0112  # Exif


_FULL_SCALES = (1.0, 255.0, 65535.0)


class InvalidPicture(Exception):  # noqa: N818 - reads as what it is, like UnidentifiedImageError
    """The bytes are no picture that we can use; the message says why."""


def decode(data: bytes, max_bytes: int = MAX_BYTES) -> Image.Image:
    """Decode `data` to an upright RGB picture on white, or raise `InvalidPicture`.

    Sizes are checked before any pixel is decoded, so a decompression bomb costs nothing. Of an
    animation the first frame counts; more than 8 bits a channel are scaled down to 8.
    """
    try:
        return _flat(_upright(_open(data, max_bytes)))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InvalidPicture(f"no picture: {error}") from error


def for_the_web(data: bytes, max_bytes: int = MAX_BYTES) -> bytes:
    """`data` itself where browsers show it as it should be seen, else the same as a JPEG.

    The JPEG is upright, on white and at most `WEB_SIZE` pixels high or wide; it keeps a colour
    profile that fits it. Raises `InvalidPicture`.
    """
    decoded = decode(data, max_bytes)
    if _is_for_the_web(_open(data, max_bytes)):
        return data
    decoded.thumbnail((WEB_SIZE, WEB_SIZE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    decoded.save(buffer, "JPEG", quality=WEB_QUALITY, optimize=True, icc_profile=profile(decoded))
    return buffer.getvalue()


def profile(decoded: Image.Image) -> bytes | None:
    """The colour profile of a decoded picture; that of a grey or CMYK original no longer fits."""
    found = decoded.info.get("icc_profile") or b""
    return found if found[16:20] == b"RGB " else None


def _open(data: bytes, max_bytes: int) -> Image.Image:
    if len(data) > max_bytes:
        raise InvalidPicture(f"{len(data)} bytes are more than the {max_bytes} allowed")
    return opened(io.BytesIO(data))


def opened(file: IO[bytes]) -> Image.Image:
    """The picture in `file`, none of its pixels decoded yet, or raise `InvalidPicture`."""
    try:
        with warnings.catch_warnings():
            # Pillow's own limit only warns at first; ours is checked right below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        file.seek(0)
        start = file.read(15).lstrip().lower()
        is_html = start.startswith((b"<!doctype", b"<html"))
        what = "an HTML page" if is_html else f"none of {', '.join(FORMATS)}"
        raise InvalidPicture(f"no picture: {what}") from error
    except Image.DecompressionBombError as error:
        raise InvalidPicture(str(error)) from error
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise InvalidPicture(f"no picture: {error}") from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise InvalidPicture(f"{width} x {height} pixels are more than the {MAX_PIXELS} allowed")
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its Exif says; Exif that cannot be read is no reason to lose a picture."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return picture


def _flat(picture: Image.Image) -> Image.Image:
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
    """Greys of 16 or 32 bits, or floating-point ones, as 8 bits; `convert` alone would clip them.

    White is the smallest usual full scale that holds the lightest grey: 1, 255 or 65535. Anything
    else is spread between its own extremes.
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
    """Through the inks' own profile where there is one; plain arithmetic makes garish colours."""
    try:
        inks = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        screen = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, inks, screen, outputMode="RGB")
    except (KeyError, TypeError, OSError, ImageCms.PyCMSError):
        converted = None
    return converted or picture.convert("RGB")


def is_sideways(picture: Image.Image) -> bool:
    """Whether its Exif, if it can be read, says that width and height change places."""
    try:
        return picture.getexif().get(_ORIENTATION) in {5, 6, 7, 8}
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return False


def _is_for_the_web(picture: Image.Image) -> bool:
    return (
        picture.format in WEB_FORMATS
        and picture.mode in {"RGB", "L", "P"}
        and max(picture.size) <= WEB_SIZE
        and not picture.has_transparency_data
        and not getattr(picture, "is_animated", False)
        and picture.getexif().get(_ORIENTATION, 1) == 1
    )

"""Stored pictures, addressed by the SHA-256 of their bytes, through Django's storage API."""

import hashlib
import io
import warnings

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, UnidentifiedImageError

MAX_BYTES = 32 * 1024 * 1024
# A picture is decoded whole; 64 megapixels of RGB are 192 MB.
MAX_PIXELS = 64_000_000


class InvalidPicture(Exception):  # noqa: N818 - reads as what it is, like UnidentifiedImageError
    """The bytes are no picture that we can use; the message says why."""


def decode(data: bytes) -> Image.Image:
    """Decode `data` to an RGB picture, or raise `InvalidPicture`.

    Sizes are checked before any pixel is decoded, so a decompression bomb costs nothing.
    """
    if len(data) > MAX_BYTES:
        raise InvalidPicture(f"{len(data)} bytes are more than the {MAX_BYTES} allowed")
    try:
        with warnings.catch_warnings():
            # Pillow's own limit only warns at first; ours is checked right below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise InvalidPicture(
                f"{width} x {height} pixels are more than the {MAX_PIXELS} allowed"
            )
        return picture.convert("RGB")
    except Image.DecompressionBombError as error:
        raise InvalidPicture(str(error)) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        start = data[:15].lstrip().lower()
        what = "an HTML page" if start.startswith((b"<!doctype", b"<html")) else str(error)
        raise InvalidPicture(f"no picture: {what}") from error


def path(sha256: str) -> str:
    """Where the picture with this hash is, within the storage."""
    return f"pictures/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def store(data: bytes) -> str:
    """Verify that `data` is a picture and keep it; return its SHA-256. Storing twice is free."""
    decode(data)
    sha256 = hashlib.sha256(data).hexdigest()
    name = path(sha256)
    if default_storage.exists(name):
        if default_storage.size(name) == len(data):
            return sha256
        default_storage.delete(name)  # a process was killed while it wrote this file
    default_storage.save(name, ContentFile(data))
    return sha256


def read(sha256: str) -> bytes:
    """Return the stored bytes; raises `FileNotFoundError` when the storage has lost them."""
    with default_storage.open(path(sha256)) as file:
        return bytes(file.read())

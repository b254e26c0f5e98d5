"""Stored pictures, addressed by the SHA-256 of their bytes, through Django's storage API."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from museum.images.decoding import decode, is_sideways, open_picture


def size(sha256: str) -> tuple[int, int]:
    """Return width and height of a stored picture, upright, without decoding its pixels.

    Raises `FileNotFoundError` or `InvalidPictureError`.
    """
    with default_storage.open(path(sha256)) as file:
        picture = open_picture(file)
        width, height = picture.size
        return (height, width) if is_sideways(picture) else (width, height)


def path(sha256: str) -> str:
    """Return the name of the picture with this hash in the storage."""
    return f"pictures/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def store(data: bytes) -> str:
    """Store `data` and return its SHA-256; a picture that is stored already is left as it is.

    Raises `InvalidPictureError` where `data` is not a picture.
    """
    decode(data)
    sha256 = hashlib.sha256(data).hexdigest()
    name = path(sha256)
    if default_storage.exists(name):
        if default_storage.size(name) == len(data):
            return sha256
        default_storage.delete(name)  # truncated: a process was killed while it wrote the file
    default_storage.save(name, ContentFile(data))
    return sha256


def read(sha256: str) -> bytes:
    """Return the stored bytes. Raises `FileNotFoundError`."""
    with default_storage.open(path(sha256)) as file:
        return bytes(file.read())

"""Stored pictures, addressed by the SHA-256 of their bytes, through Django's storage API."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from museum.images.decoding import decode, is_sideways, opened


def size(sha256: str) -> tuple[int, int]:
    """Return width and height in pixels of a stored picture, upright; decodes none of them.

    Raises `FileNotFoundError` or `InvalidPicture`.
    """
    with default_storage.open(path(sha256)) as file:
        picture = opened(file)
        width, height = picture.size
        return (height, width) if is_sideways(picture) else (width, height)


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

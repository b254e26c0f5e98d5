"""Read and write files that can be made again, such as resized pictures, in the picture storage."""

import secrets
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def read(name: str) -> bytes | None:
    """Return the content of the file; None where it does not exist."""
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def write(name: str, data: bytes) -> None:
    """Write `data` to the storage atomically: no reader sees half a file."""
    try:
        target = Path(default_storage.path(name))
    except NotImplementedError:
        default_storage.save(name, ContentFile(data))  # object stores show whole objects only
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    partial.write_bytes(data)
    partial.replace(target)

"""Files that can be made again, such as pictures in other sizes, in the storage of pictures."""

import secrets
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def read(name: str) -> bytes | None:
    """Return the file of this name; None where it was never made, or is lost."""
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def keep(name: str, data: bytes) -> None:
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

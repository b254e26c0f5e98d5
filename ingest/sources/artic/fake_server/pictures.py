"""IIIF Image API 2.0 over a folder of `{image_id}.jpg`, as far as museum pages use it."""

import io
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

SAFE_ID = re.compile(r"[A-Za-z0-9][\w.-]*")
WIDTHS = (200, 400, 600, 843)
TILE = 256


class PictureRequestError(Exception):
    """A region or size that this server does not know."""


def find(folder: Path | None, image_id: str) -> Path | None:
    """Return the file of this picture, or None. An id never leads out of the folder."""
    if folder is None or not SAFE_ID.fullmatch(image_id):
        return None
    path = folder / f"{image_id}.jpg"
    return path if path.is_file() else None


@lru_cache(maxsize=64)
def render(path: Path, region: str, size: str) -> bytes:
    """Return JPEG bytes of `region` at `size`, never larger than the original.

    Raises `PictureRequestError`.
    """
    with Image.open(path) as picture:
        box = _box(region, picture.size)
        pixels = _size(size, box)
        if box == (0, 0, *picture.size) and pixels[0] >= picture.width:
            return path.read_bytes()
        part = picture.convert("RGB").resize(pixels, Image.Resampling.LANCZOS, box=box)
    out = io.BytesIO()
    part.save(out, "JPEG", quality=88)
    return out.getvalue()


def info(path: Path, address: str) -> dict[str, Any]:
    """Return the `info.json` that deep zoom needs."""
    with Image.open(path) as picture:
        width, height = picture.size
    return {
        "@context": "http://iiif.io/api/image/2/context.json",
        "@id": address,
        "protocol": "http://iiif.io/api/image",
        "width": width,
        "height": height,
        "sizes": [{"width": w, "height": round(height * w / width)} for w in WIDTHS if w < width],
        "tiles": [{"width": TILE, "scaleFactors": [1, 2, 4, 8]}],
        "profile": ["http://iiif.io/api/image/2/level2.json"],
    }


def _box(region: str, size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size
    if region == "full":
        return 0, 0, width, height
    match = re.fullmatch(r"(\d+),(\d+),(\d+),(\d+)", region)
    if not match:
        raise PictureRequestError(f"region {region!r}")
    x, y, w, h = (int(number) for number in match.groups())
    box = x, y, min(x + w, width), min(y + h, height)
    if box[0] >= box[2] or box[1] >= box[3]:
        raise PictureRequestError(f"region {region!r} lies outside the picture")
    return box


def _size(size: str, box: tuple[int, int, int, int]) -> tuple[int, int]:
    width, height = box[2] - box[0], box[3] - box[1]
    if size in {"full", "max"}:
        return width, height
    match = re.fullmatch(r"(!?)(\d*),(\d*)", size)
    if not match or not (match[2] or match[3]):
        raise PictureRequestError(f"size {size!r}")
    scale = min(
        int(match[2]) / width if match[2] else float("inf"),
        int(match[3]) / height if match[3] else float("inf"),
        1.0,
    )
    if scale <= 0:
        raise PictureRequestError(f"size {size!r}")
    return max(1, round(width * scale)), max(1, round(height * scale))

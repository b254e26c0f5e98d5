"""A small museum for tests: records in AIC's schema, and a different picture for each."""

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

SHARED = Path(settings.BASE_DIR).parent / "shared" / "artic"
NEWEST = datetime(2024, 6, 1, tzinfo=UTC)


def record(number: int, **fields: Any) -> dict[str, Any]:
    """One record; a higher number is a newer one, by a day."""
    return {
        "id": number,
        "title": f"Work {number}",
        "alt_titles": None,
        "main_reference_number": f"1900.{number}",
        "artist_id": 100 + number % 7,
        "artist_title": f"Artist {number % 7}",
        "artist_display": f"Artist {number % 7} (French, 1840-1926)",
        "date_display": "1888",
        "date_start": 1888,
        "date_end": 1888,
        "place_of_origin": "France",
        "medium_display": "Oil on canvas",
        "dimensions": "60 x 80 cm",
        "credit_line": "Gift of a friend",
        "inscriptions": None,
        "copyright_notice": None,
        "gallery_title": None,
        "department_title": "Painting and Sculpture of Europe",
        "department_id": "PC-10",
        "artwork_type_title": "Painting",
        "classification_titles": ["painting"],
        "style_titles": [],
        "subject_titles": ["boats", "harbors"],
        "material_titles": ["oil paint"],
        "technique_titles": [],
        "term_titles": ["painting", "boats"],
        "category_titles": ["Painting"],
        "is_public_domain": True,
        "is_on_view": False,
        "image_id": f"picture-{number}",
        "thumbnail": {
            "lqip": "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
            "width": 3000,
            "height": 2000,
            "alt_text": f"A red boat, number {number}, in a blue harbor.",
        },
        "color": {"h": number % 360, "s": 50, "l": 40, "percentage": 0.1, "population": 9},
        "description": f"<p>A boat numbered {number} lies in the <em>harbor</em>.</p>",
        "short_description": None,
        "updated_at": (NEWEST - timedelta(days=1000 - number)).isoformat(),
        "timestamp": "2025-02-16T00:22:00-06:00",
        **fields,
    }


def records(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [record(number, **fields) for number in range(1, count + 1)]


def write(folder: Path, found: Iterable[dict[str, Any]], name: str = "records.jsonl") -> Path:
    """Write records as a file that the fake server serves."""
    path = folder / name
    path.write_text("".join(json.dumps(each) + "\n" for each in found))
    return path


def write_pictures(folder: Path, found: Iterable[dict[str, Any]]) -> Path:
    """Write a picture for each record's `image_id`, and return their folder."""
    images = folder / "images"
    images.mkdir(exist_ok=True)
    for each in found:
        (images / f"{each['image_id']}.jpg").write_bytes(jpeg(each["id"]))
    return images


def jpeg(seed: int) -> bytes:
    color = (seed * 37 % 256, seed * 91 % 256, seed * 53 % 256)
    out = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(out, "JPEG")
    return out.getvalue()

"""IIIF Presentation 2: a manifest of one canvas, as AIC gives for each work."""

from typing import Any


def manifest(record: dict[str, Any], base_url: str, iiif_url: str, licence: str) -> dict[str, Any]:
    """Return the manifest of `record`; without a picture its sequence is empty."""
    address = f"{base_url}/artworks/{record['id']}/manifest.json"
    canvases = [_canvas(record, address, iiif_url)] if record.get("image_id") else []
    return {
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@id": address,
        "@type": "sc:Manifest",
        "label": record.get("title"),
        "attribution": licence,
        "sequences": [{"@type": "sc:Sequence", "canvases": canvases}],
    }


def _canvas(record: dict[str, Any], address: str, iiif_url: str) -> dict[str, Any]:
    thumbnail = record.get("thumbnail") or {}
    size = {name: thumbnail.get(name) or 843 for name in ("width", "height")}
    service = f"{iiif_url}/{record['image_id']}"
    canvas = f"{address}#canvas"
    resource = {
        "@type": "dctypes:Image",
        "@id": f"{service}/full/843,/0/default.jpg",
        "format": "image/jpeg",
        **size,
        "service": {
            "@context": "http://iiif.io/api/image/2/context.json",
            "@id": service,
            "profile": "http://iiif.io/api/image/2/level2.json",
        },
    }
    annotation = {
        "@type": "oa:Annotation",
        "motivation": "sc:painting",
        "on": canvas,
        "resource": resource,
    }
    return {
        "@type": "sc:Canvas",
        "@id": canvas,
        "label": record.get("title"),
        **size,
        "images": [annotation],
    }

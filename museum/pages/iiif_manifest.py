"""Works as IIIF Presentation 3 manifests, which any IIIF viewer opens.

One canvas for each work with a picture. Source: https://iiif.io/api/presentation/3.0/
"""

from collections.abc import Callable, Iterable
from typing import Any

from museum.images import urls
from museum.models import Artwork
from museum.pages.facts import facts

THUMBNAIL_WIDTH, PICTURE_WIDTH = 200, 843  # pixels
PUBLIC_DOMAIN_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
# A canvas must have a size, also where the picture's is unknown.
UNKNOWN_SIZE = (1000, 1000)


def manifest(
    works: Iterable[Artwork], address: str, label: str, absolute: Callable[[str], str]
) -> dict[str, Any]:
    """Return a manifest of `works` as JSON data; `absolute` turns paths of this site into URLs."""
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": address,
        "type": "Manifest",
        "label": {"none": [label]},
        "items": [
            _canvas(work, address, absolute)
            for work in works
            if urls.picture_url(work, PICTURE_WIDTH)
        ],
    }


def _canvas(work: Artwork, address: str, absolute: Callable[[str], str]) -> dict[str, Any]:
    picture = absolute(urls.picture_url(work, PICTURE_WIDTH) or "")
    width, height = work.image_width, work.image_height
    if not (width and height):
        width, height = UNKNOWN_SIZE
    canvas = f"{address}#canvas-{work.artic_id}"
    body = {
        "id": picture,
        "type": "Image",
        "format": "image/jpeg",
        "width": width,
        "height": height,
        "service": [
            {
                "id": picture.partition("/full/")[0],
                "type": "ImageService2",
                "profile": "http://iiif.io/api/image/2/level0.json",
            }
        ],
    }
    result: dict[str, Any] = {
        "id": canvas,
        "type": "Canvas",
        "label": {"none": [work.title]},
        "width": width,
        "height": height,
        "metadata": [
            {"label": {"none": [str(name)]}, "value": {"none": [value]}}
            for name, value in facts(work)
        ],
        "thumbnail": [
            {
                "id": absolute(urls.picture_url(work, THUMBNAIL_WIDTH) or ""),
                "type": "Image",
                "format": "image/jpeg",
            }
        ],
        "homepage": [
            {
                "id": absolute(work.get_absolute_url()),
                "type": "Text",
                "label": {"none": [work.title]},
                "format": "text/html",
            }
        ],
        "items": [
            {
                "id": f"{canvas}-page",
                "type": "AnnotationPage",
                "items": [
                    {
                        "id": f"{canvas}-picture",
                        "type": "Annotation",
                        "motivation": "painting",
                        "target": canvas,
                        "body": body,
                    }
                ],
            }
        ],
    }
    if work.is_public_domain:
        result["rights"] = PUBLIC_DOMAIN_URL
    return result

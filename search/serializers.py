"""What the API says about an answer. Built by hand: a few dozen rows, each key on purpose."""

from typing import Any

from rest_framework.request import Request

from museum.iiif import picture_url
from search.engine import Hit, Results

IMAGE_WIDTH = 400  # pixels


def results(found: Results, request: Request) -> dict[str, Any]:
    """Return one page of an answer as JSON data; addresses are absolute."""
    model = found.model
    return {
        "query": found.query.text,
        "model": model and {"name": model.name, "fingerprint": model.fingerprint},
        "count": found.count,
        "limit": found.query.limit,
        "offset": found.query.offset,
        "seconds": round(found.seconds, 4),
        "warnings": found.warnings,
        "results": [hit(each, request) for each in found.hits],
    }


def hit(found: Hit, request: Request) -> dict[str, Any]:
    """Return one work of an answer. `id` is the museum's own id."""
    work = found.artwork
    picture = picture_url(work, IMAGE_WIDTH)
    return {
        "id": work.artic_id,
        "title": work.title,
        "artist": work.artist.name if work.artist else work.artist_display,
        "date": work.date_display,
        "image": picture and request.build_absolute_uri(picture),
        "url": request.build_absolute_uri(work.get_absolute_url()),
        "is_generated": work.is_generated,
        "is_public_domain": work.is_public_domain,
        "score": round(found.score, 6),
        "distance": None if found.distance is None else round(found.distance, 6),
        "channels": {
            name: {"rank": place.rank, "value": round(place.value, 6)}
            for name, place in found.channels.items()
        },
    }

"""What the API says about an answer. Built by hand: a few dozen rows, each key on purpose."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from rest_framework.request import Request

from museum.images.urls import LARGE_WIDTH, WIDTHS, picture_url
from museum.models import Artwork, Description
from search.embeddings import registry
from search.engine.results import Results
from search.engine.search import Hit
from search.explanations import highlights
from search.models import EmbeddingModel

IMAGE_WIDTH = 400  # pixels

HIT_FIELDS = (
    "id", "title", "artist", "date", "image", "url", "is_generated", "is_public_domain", "score",
    "distance", "relevance", "z", "channels",
    "duplicates", "why",
)  # fmt: skip
SUMMARY_FIELDS = (
    "id", "title", "artist", "date", "image", "url", "is_generated", "is_public_domain",
)  # fmt: skip
WORK_FIELDS = (
    "id", "title", "alt_titles", "accession_number", "artist", "artist_display", "date",
    "date_start", "date_end", "place_of_origin", "medium", "dimensions", "credit_line",
    "inscriptions", "copyright_notice", "department", "artwork_type", "classifications", "styles",
    "subjects", "materials", "techniques", "terms", "categories", "is_public_domain",
    "is_on_view", "gallery", "is_generated", "source", "source_updated_at", "image", "images",
    "iiif", "descriptions", "url",
)  # fmt: skip


def results(found: Results, request: Request, fields: Collection[str] = ()) -> dict[str, Any]:
    """Return one page of an answer as JSON data, but for its seconds; addresses are absolute."""
    reasons = highlights.explain(found) if not fields or "why" in fields else {}
    return {
        "query": found.query.text,
        **about(found.model, [each.artwork for each in found.hits]),
        "count": found.count,
        "limit": found.query.limit,
        "offset": found.query.offset,
        "warnings": found.warnings,
        "picture": found.query.picture and found.query.picture.token,
        "results": [
            {**hit(each, request, fields), **_why(reasons.get(each.artwork.artic_id))}
            for each in found.hits
        ],
    }


def about(model: EmbeddingModel | None, works: Iterable[Artwork] = ()) -> dict[str, Any]:
    """Return what every answer says of where it comes from: the model, and the licences of the
    model and of the texts of `works`."""
    ids = [work.pk for work in works]
    texts = (
        Description.objects.filter(artwork__in=ids, is_approved=True)
        .exclude(licence="")
        .order_by("licence")
        .values_list("licence", flat=True)
        .distinct()
    )
    return {
        "model": model and {"name": model.name, "fingerprint": model.fingerprint},
        "licences": {
            "model": (model and model.licence) or None,
            "texts": list(texts) if ids else [],
        },
    }


def summary(work: Artwork, request: Request, fields: Collection[str] = ()) -> dict[str, Any]:
    """Return what a list says of one work."""
    picture = picture_url(work, IMAGE_WIDTH)
    whole = {
        "id": work.artic_id,
        "title": work.title,
        "artist": work.artist.name if work.artist else work.artist_display,
        "date": work.date_display,
        "image": picture and request.build_absolute_uri(picture),
        "url": request.build_absolute_uri(work.get_absolute_url()),
        "is_generated": work.is_generated,
        "is_public_domain": work.is_public_domain,
    }
    return _only(whole, fields)


def hit(found: Hit, request: Request, fields: Collection[str] = ()) -> dict[str, Any]:
    """Return one work of an answer. `id` is the museum's own id."""
    whole = {
        **summary(found.artwork, request),
        "score": round(found.score, 6),
        "distance": None if found.distance is None else round(found.distance, 6),
        "relevance": found.relevance,
        "z": None if found.z is None else round(found.z, 3),
        "channels": {
            name: {"rank": place.rank, "value": round(place.value, 6)}
            for name, place in found.channels.items()
        },
        "duplicates": len(found.duplicates),
    }
    return _only(whole, fields)


def _why(reason: highlights.Why | None) -> dict[str, Any]:
    """Return the words that matched, as [start, end] in title and passage, and the passage."""
    if reason is None:
        return {}
    passage = reason.passage
    said = passage and {
        "text": passage.text,
        "source": passage.source,
        "cosine": None if passage.cosine is None else round(passage.cosine, 6),
        "marks": passage.marks,
    }
    return {"why": {"title": reason.title, "passage": said}}


def similar(
    work: Artwork,
    by: str,
    model: EmbeddingModel | None,
    hits: Sequence[Hit],
    request: Request,
    *,
    fields: Collection[str] = (),
) -> dict[str, Any]:
    """Return the works like `work` that `model` found."""
    return {
        "id": work.artic_id,
        "by": by,
        **about(model, [each.artwork for each in hits]),
        "results": [hit(each, request, fields) for each in hits],
    }


def artwork(work: Artwork, request: Request, fields: Collection[str] = ()) -> dict[str, Any]:
    """Return the whole record of one work, with its approved texts and where its picture is."""
    widths = (*WIDTHS, LARGE_WIDTH)
    found = dict.fromkeys(url for width in widths if (url := picture_url(work, width)))
    images = [request.build_absolute_uri(url) for url in found]
    picture = picture_url(work, IMAGE_WIDTH)
    texts = work.descriptions.filter(is_approved=True).defer("search_document")
    whole = {
        "id": work.artic_id,
        "title": work.title,
        "alt_titles": work.alt_titles,
        "accession_number": work.accession_number,
        "artist": work.artist.name if work.artist else work.artist_display,
        "artist_display": work.artist_display,
        "date": work.date_display,
        "date_start": work.date_start,
        "date_end": work.date_end,
        "place_of_origin": work.place_of_origin,
        "medium": work.medium_display,
        "dimensions": work.dimensions,
        "credit_line": work.credit_line,
        "inscriptions": work.inscriptions,
        "copyright_notice": work.copyright_notice,
        "department": work.department,
        "artwork_type": work.artwork_type,
        "classifications": work.classification_titles,
        "styles": work.style_titles,
        "subjects": work.subject_titles,
        "materials": work.material_titles,
        "techniques": work.technique_titles,
        "terms": work.term_titles,
        "categories": work.category_titles,
        "is_public_domain": work.is_public_domain,
        "is_on_view": work.is_on_view,
        "gallery": work.gallery_title,
        "is_generated": work.is_generated,
        "source": work.source,
        "source_updated_at": work.source_updated_at and work.source_updated_at.isoformat(),
        "image": picture and request.build_absolute_uri(picture),
        "images": images,
        "iiif": _iiif(work, images),
        "descriptions": [description(text) for text in texts],
        "url": request.build_absolute_uri(work.get_absolute_url()),
    }
    return {**_only(whole, fields), **about(registry.active(), [work])}


def description(text: Description) -> dict[str, Any]:
    """Return one text of a work with where it came from."""
    return {
        "source": text.source,
        "language": text.language,
        "text": text.text,
        "html": text.html,
        "licence": text.licence or None,
        "is_generated": text.source == Description.Source.GENERATED,
    }


def model(row: EmbeddingModel) -> dict[str, Any]:
    """Return one model, without where its files are."""
    return {
        "name": row.name,
        "architecture": row.architecture,
        "fingerprint": row.fingerprint,
        "dimension": row.dimension,
        "state": row.state,
        "is_synthetic": row.is_synthetic,
        "licence": row.licence or None,
        "activated_at": row.activated_at and row.activated_at.isoformat(),
    }


def _iiif(work: Artwork, images: list[str]) -> dict[str, Any] | None:
    if not images:
        return None
    base = images[0].partition("/full/")[0]
    return {
        "base": base,
        "info": f"{base}/info.json",
        "width": work.image_width,
        "height": work.image_height,
    }


def _only(whole: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    if not fields:
        return whole
    return {name: value for name, value in whole.items() if name == "id" or name in fields}

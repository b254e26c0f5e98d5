"""From the vectors and records of a collection to its map."""

from collections.abc import Callable

import numpy as np

from museum.core import colour
from museum.models import Artwork
from search.collection_map.regions import divide
from search.collection_map.storage import Atlas
from search.models import Embedding, EmbeddingModel

BLOCK = 2_000
GREY = (140, 140, 140)
# The ground of the map is nearly black, so that colours stand out; the darkest are lifted above it.
LIGHTNESS = (32.0, 0.66)


def survey(model: EmbeddingModel, layout: Callable[[np.ndarray], np.ndarray]) -> Atlas | None:
    """Return the map of the visible works with a picture vector by `model`; None without any.

    `layout` makes (n, 2) points of (n, dim) vectors.
    """
    ids, vectors = _vectors(model)
    if not len(ids):
        return None
    # Mixed, so that the first works of any part of the map are no choice of oldest or newest ones.
    order = np.random.default_rng(0).permutation(len(ids))
    ids, vectors = ids[order], vectors[order]
    colours, terms = _records(ids)
    points = layout(vectors)
    regions, belongs = divide(points, terms)
    return Atlas(ids, points, colours, belongs, tuple(regions))


def _vectors(model: EmbeddingModel) -> tuple[np.ndarray, np.ndarray]:
    found = Embedding.objects.filter(
        model=model, kind=Embedding.Kind.IMAGE, artwork__in=Artwork.objects.visible()
    ).order_by("artwork__artic_id")
    number = found.count()
    ids, vectors = np.empty(number, np.int64), np.empty((number, model.dimension), np.float32)
    rows = found.values_list("artwork__artic_id", "vector").iterator(chunk_size=BLOCK)
    last = 0
    for place, (artic_id, vector) in zip(range(number), rows, strict=False):
        ids[place], vectors[place] = artic_id, np.asarray(vector, dtype=np.float32)
        last = place + 1  # works may be withdrawn meanwhile
    return ids[:last], vectors[:last]


def _records(ids: np.ndarray) -> tuple[np.ndarray, list[list[str]]]:
    """Return each work's main colour (n, 3), and the terms that it may be known by."""
    colours = np.full((len(ids), 3), GREY, np.uint8)
    terms: list[list[str]] = [[] for _ in ids]
    places = {int(artic_id): place for place, artic_id in enumerate(ids)}
    rows = Artwork.objects.visible().values_list(
        "artic_id", "palette", "subject_titles", "artwork_type"
    )
    for artic_id, palette, subjects, kind in rows.iterator(chunk_size=BLOCK):
        place = places.get(artic_id)
        if place is None:
            continue
        if palette:
            colours[place] = tuple(bytes.fromhex(palette[0]["hex"].removeprefix("#")))
        terms[place] = [*(subjects or []), *([kind] if kind else [])]
    return _lifted(colours), terms


def _lifted(colours: np.ndarray) -> np.ndarray:
    """Return sRGB (n, 3) with a lightness of at least what can be told from the ground."""
    found = colour.lab(colours)
    found[:, 0] = LIGHTNESS[0] + LIGHTNESS[1] * found[:, 0]
    return colour.rgb(found)

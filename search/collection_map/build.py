"""Build the map of a collection from its vectors and records."""

from collections.abc import Callable

import numpy as np

from museum.core import colour
from museum.models import Artwork
from search.collection_map.regions import find_regions
from search.collection_map.storage import CollectionMap
from search.models import Embedding, EmbeddingModel

ROWS_PER_BLOCK = 2_000
UNKNOWN_COLOUR = (140, 140, 140)  # RGB of works without a palette
# The background is nearly black: L* from 0 to 100 is mapped to OFFSET + SCALE * L*.
LIGHTNESS_OFFSET, LIGHTNESS_SCALE = 32.0, 0.66


def build_map(
    model: EmbeddingModel, layout: Callable[[np.ndarray], np.ndarray]
) -> CollectionMap | None:
    """Return the map of the visible works with a picture vector of `model`; None without any.

    `layout` maps (n, dim) vectors to (n, 2) points.
    """
    ids, vectors = _vectors(model)
    if not len(ids):
        return None
    # Shuffled: browsers show the first works of an area, which should not be its oldest ones.
    order = np.random.default_rng(0).permutation(len(ids))
    ids, vectors = ids[order], vectors[order]
    colours, terms = _records(ids)
    points = layout(vectors)
    regions, region_numbers = find_regions(points, terms)
    return CollectionMap(ids, points, colours, region_numbers, tuple(regions))


def _vectors(model: EmbeddingModel) -> tuple[np.ndarray, np.ndarray]:
    embeddings = Embedding.objects.filter(
        model=model, kind=Embedding.Kind.IMAGE, artwork__in=Artwork.objects.visible()
    ).order_by("artwork__artic_id")
    number = embeddings.count()
    ids, vectors = np.empty(number, np.int64), np.empty((number, model.dimension), np.float32)
    rows = embeddings.values_list("artwork__artic_id", "vector").iterator(chunk_size=ROWS_PER_BLOCK)
    last = 0
    for place, (artic_id, vector) in zip(range(number), rows, strict=False):
        ids[place], vectors[place] = artic_id, np.asarray(vector, dtype=np.float32)
        last = place + 1  # works may be withdrawn meanwhile
    return ids[:last], vectors[:last]


def _records(ids: np.ndarray) -> tuple[np.ndarray, list[list[str]]]:
    """Return the main colour (n, 3) of each work in RGB, and its subjects and type."""
    colours = np.full((len(ids), 3), UNKNOWN_COLOUR, np.uint8)
    terms: list[list[str]] = [[] for _ in ids]
    places = {int(artic_id): place for place, artic_id in enumerate(ids)}
    rows = Artwork.objects.visible().values_list(
        "artic_id", "palette", "subject_titles", "artwork_type"
    )
    for artic_id, palette, subjects, kind in rows.iterator(chunk_size=ROWS_PER_BLOCK):
        place = places.get(artic_id)
        if place is None:
            continue
        if palette:
            colours[place] = tuple(bytes.fromhex(palette[0]["hex"].removeprefix("#")))
        terms[place] = [*(subjects or []), *([kind] if kind else [])]
    return _lightened(colours), terms


def _lightened(colours: np.ndarray) -> np.ndarray:
    """Return sRGB (n, 3) light enough to stand out from the background."""
    lab = colour.lab(colours)
    lab[:, 0] = LIGHTNESS_OFFSET + LIGHTNESS_SCALE * lab[:, 0]
    return colour.rgb(lab)

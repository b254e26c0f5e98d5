"""A made-up collection of any size for benchmarks: Zipf's words, clustered unit vectors.

Nothing here resembles a real work. Word frequencies and clusters determine the time of a search,
and those are like a real museum's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from museum.models import Artist, Artwork, Description
from search.models import Embedding, EmbeddingModel

DIMENSION = 512
CLUSTERS = 1_000
CLUSTER_SPREAD = 0.7  # length of the noise added to the unit vector of a cluster's centre
BLOCK_ROWS = 5_000
VOCABULARY_SIZE = 12_000
MEDIA = ("Oil on canvas", "Oil on panel", "Etching on paper", "Watercolor on paper", "Bronze")
TYPES = ("Print", "Painting", "Drawing and Watercolor", "Photograph", "Textile", "Sculpture")
# One work in 20 and one in 200 is of these types; one work has a maker of its own.
FIVE_PERCENT_TYPE, HALF_PERCENT_TYPE, SOLE_MAKER = "Vessel", "Mask", "Sole Maker"


@dataclass(frozen=True)
class Collection:
    """A made-up collection: `pictures` (n, dim) are the vectors of the works 1 to n."""

    model: EmbeddingModel
    words: list[str]
    pictures: np.ndarray


def make(number: int, dimension: int = DIMENSION, seed: int = 0) -> Collection:
    """Fill the connected, empty database with `number` works, every second of them with a text."""
    chance = np.random.default_rng(seed)
    vocabulary = words()
    model = EmbeddingModel.objects.create(
        name="synthetic", architecture="synthetic", dimension=dimension, fingerprint="synthetic"
    )
    with transaction.atomic():
        artists = Artist.objects.bulk_create(
            [Artist(name=f"Maker {n}") for n in range(max(number // 20, 1))]
            + [Artist(name=SOLE_MAKER)]
        )
        for first in range(0, number, BLOCK_ROWS):
            _works(
                range(first, min(first + BLOCK_ROWS, number)), number, artists, vocabulary, chance
            )
    pictures = clustered(chance, number, dimension)
    keys = np.array(Artwork.objects.order_by("artic_id").values_list("pk", flat=True))
    _copy(keys, None, pictures, model)
    texts = np.array(Description.objects.order_by("pk").values_list("pk", "artwork_id"))
    _copy(texts[:, 1], texts[:, 0], clustered(chance, len(texts), dimension), model)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Collection(model, vocabulary, pictures)


def clustered(chance: np.random.Generator, number: int, dimension: int) -> np.ndarray:
    """(number, dimension) unit vectors in clusters, as exact as a halfvec keeps them."""
    # The clusters do not depend on `chance`, so that queries fall into them, too.
    middles = np.random.default_rng(1).normal(size=(CLUSTERS, dimension)).astype(np.float32)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    vectors = np.empty((number, dimension), np.float32)
    for block in range(0, number, BLOCK_ROWS):
        part = vectors[block : block + BLOCK_ROWS]
        noise = chance.normal(size=part.shape).astype(np.float32) * (
            CLUSTER_SPREAD / dimension**0.5
        )
        part[:] = middles[chance.integers(0, CLUSTERS, len(part))] + noise
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def phrase(chance: np.random.Generator, vocabulary: list[str], number: int) -> str:
    """Return `number` words, common ones more often (Zipf's law)."""
    ranks = (len(vocabulary) ** chance.random(number)).astype(int)
    return " ".join(vocabulary[rank - 1] for rank in ranks)


def words() -> list[str]:
    """Return the words of the collection, the most common ones first; always the same."""
    chance = np.random.default_rng(2)
    syllables = [a + b for a in "bdfgklmnprtv" for b in ("a", "e", "i", "o", "u", "an", "or")]
    made: dict[str, None] = dict.fromkeys(("oil", "painting", "landscape", "portrait", "woman"))
    while len(made) < VOCABULARY_SIZE:
        made["".join(chance.choice(syllables, chance.integers(2, 5)))] = None
    return list(made)


def _works(
    numbers: range,
    total: int,
    artists: list[Artist],
    vocabulary: list[str],
    chance: np.random.Generator,
) -> None:
    works = Artwork.objects.bulk_create(
        Artwork(
            artic_id=n + 1,
            title=phrase(chance, vocabulary, int(chance.integers(2, 7))).title(),
            artist=artists[-1] if n == total // 2 else artists[n % (len(artists) - 1 or 1)],
            medium_display=MEDIA[n % len(MEDIA)],
            artwork_type=_type(n),
            department=f"Department {n % 11}",
            place_of_origin=f"Place {int(300 ** chance.random())}",
            date_start=1500 + n % 450,
            date_end=1502 + n % 450,
            subject_titles=phrase(chance, vocabulary, 4).split(),
            style_titles=[f"Style {int(60 ** chance.random())}"],
            is_public_domain=n % 3 > 0,
            is_on_view=n % 40 == 0,
            is_generated=True,
            record_hash="-",
        )
        for n in numbers
    )
    Description.objects.bulk_create(
        Description(artwork=work, source="description", text=phrase(chance, vocabulary, 50))
        for work in works[::2]
    )


def _type(n: int) -> str:
    if n % 200 == 7:
        return HALF_PERCENT_TYPE
    return FIVE_PERCENT_TYPE if n % 20 == 3 else TYPES[n % len(TYPES)]


def _copy(
    works: np.ndarray, texts: np.ndarray | None, vectors: np.ndarray, model: EmbeddingModel
) -> None:
    """Write vectors in Postgres' binary format; text would need ten times the bytes."""
    columns = (
        'artwork_id, model_id, kind, part, description_id, start, "end", source_hash, '
        "vector, created_at"
    )
    with connection.cursor() as cursor:
        statement = f"COPY {Embedding._meta.db_table} ({columns}) FROM STDIN (FORMAT binary)"
        with cursor.copy(statement) as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            for block in _rows(works, texts, vectors, model):
                copy.write(block)
            copy.write(b"\xff\xff")


def _rows(
    works: np.ndarray, texts: np.ndarray | None, vectors: np.ndarray, model: EmbeddingModel
) -> Iterator[bytes]:
    kind = b"image" if texts is None else b"text"
    described = [] if texts is None else [("description", ">i8")]
    dimension = vectors.shape[1]
    fields: list[tuple[str, int, str]] = [
        ("artwork", 8, ">i8"), ("model", 8, ">i8"), ("kind", len(kind), f"S{len(kind)}"),
        ("part", 2, ">i2"), ("description", 8 if described else -1, ">i8" if described else "S0"),
        ("start", 4, ">i4"), ("end", 4, ">i4"), ("source_hash", 1, "S1"),
        ("vector", 4 + 2 * dimension, ""), ("created_at", 8, ">i8"),
    ]  # fmt: skip
    layout: list[Any] = [("columns", ">i2")]
    for name, _, form in fields:
        layout.append((f"{name}_size", ">i4"))
        if name == "vector":
            layout += [("dimension", ">u2"), ("unused", ">u2"), ("vector", ">f2", (dimension,))]
        elif form != "S0":
            layout.append((name, form))
    for first in range(0, len(works), BLOCK_ROWS):
        part = slice(first, first + BLOCK_ROWS)
        rows = np.zeros(len(works[part]), np.dtype(layout))
        rows["columns"], rows["dimension"] = len(fields), dimension
        for name, size, _ in fields:
            rows[f"{name}_size"] = size
        rows["artwork"], rows["model"], rows["kind"] = works[part], model.pk, kind
        rows["source_hash"], rows["vector"] = b"-", vectors[part]
        if texts is not None:
            rows["description"] = texts[part]
        yield rows.tobytes()

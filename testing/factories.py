"""Small collections for the tests of search."""

import io
import itertools

import numpy as np
from PIL import Image

from museum.images import storage
from museum.models import Artist, Artwork, Description, ImageStatus
from search.models import Embedding, EmbeddingModel

_numbers = itertools.count(1)


def picture(seed: int) -> bytes:
    """A small picture of noise, another one for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def work(title: str = "Untitled", *, seed: int | None = None, **fields) -> Artwork:
    """A generated work; with `seed` it has a stored picture, with `text` a description."""
    text, alt_text, artist = (fields.pop(name, None) for name in ("text", "alt_text", "artist"))
    if seed is not None:
        fields |= {
            "image_sha256": storage.store(picture(seed)),
            "image_status": ImageStatus.STORED,
        }
    if artist:
        fields["artist"] = Artist.objects.get_or_create(name=artist)[0]
    fields = {"artic_id": next(_numbers), "is_generated": True, "record_hash": "-", **fields}
    made = Artwork.objects.create(title=title, **fields)
    for source, words in (("description", text), ("alt_text", alt_text)):
        if words:
            Description.objects.create(artwork=made, source=source, text=words)
    return made


def vector_model(name: str = "given", dimension: int = 8, **fields) -> EmbeddingModel:
    """A model whose vectors the test itself supplies."""
    return EmbeddingModel.objects.create(
        name=name, architecture=name, dimension=dimension, **fields
    )


def give_vector(
    artwork: Artwork, model: EmbeddingModel, vector: np.ndarray, text: Description | None = None
) -> Embedding:
    """Store `vector` for the work's picture, or for one more passage of `text`."""
    kind = Embedding.Kind.TEXT if text else Embedding.Kind.IMAGE
    return Embedding.objects.create(
        artwork=artwork,
        model=model,
        kind=kind,
        part=Embedding.objects.filter(artwork=artwork, model=model, kind=kind).count(),
        description=text,
        source_hash="-",
        vector=vector.tolist(),
    )


def unit(rng: np.random.Generator, number: int, dimension: int = 8) -> np.ndarray:
    """(number, dimension) random unit vectors, as exact as a halfvec keeps them."""
    vectors = rng.normal(size=(number, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)

"""Works, pictures, models and vectors for the tests of all apps."""

import io
import itertools

import numpy as np
from PIL import Image

from museum.images import storage
from museum.models import Artist, Artwork, Description, ImageStatus
from search.models import Embedding, EmbeddingModel

_numbers = itertools.count(1)
# A tiny blurred picture, as AIC's records carry them.
LQIP = (
    "data:image/gif;base64,R0lGODlhBAAFAPQAAJuRd6GYfcW+qsrCr83Er87Gsd3Xxd/ZyOHayeLczOPdzuXg"
    "0ebh1Obh1ebi1enk1+rl2e3o3O3p3QAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACH5"
    "BAAAAAAALAAAAAAEAAUAAAURIPNADUIUixEARzIIihNJTggAOw=="
)


def picture(seed: int) -> bytes:
    """Return a PNG of 24 x 24 pixels of noise, a different one for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def gradient_picture(width: int = 300, height: int = 200, shade: int = 0) -> bytes:
    """Return a JPEG of this size; another `shade` makes another picture."""
    file = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((width, height))
    blue = gradient.point(lambda level: (level + shade) % 256)
    Image.merge("RGB", (gradient, gradient, blue)).save(file, "JPEG")
    return file.getvalue()


def work(
    title: str = "Untitled",
    *,
    size: tuple[int, int] | None = None,
    seed: int | None = None,
    text: str = "",
    alt_text: str = "",
    artist: str = "",
    **fields,
) -> Artwork:
    """Create a generated work.

    `size` stores a gradient of that many pixels, unlike any other; `seed` stores noise that only
    the same seed repeats. `text` and `alt_text` become descriptions.
    """
    number = next(_numbers)
    if size is not None:
        fields |= _stored(gradient_picture(*size, shade=number))
        fields |= {"image_width": size[0], "image_height": size[1], "lqip": LQIP}
    elif seed is not None:
        fields |= _stored(picture(seed))
    if artist:
        fields["artist"] = Artist.objects.get_or_create(name=artist)[0]
    fields = {"artic_id": number, "is_generated": True, "record_hash": "-", **fields}
    artwork = Artwork.objects.create(title=title, **fields)
    for source, words in (("description", text), ("alt_text", alt_text)):
        if words:
            Description.objects.create(artwork=artwork, source=source, text=words)
    return artwork


def _stored(content: bytes) -> dict[str, str]:
    return {"image_status": ImageStatus.STORED, "image_sha256": storage.store(content)}


def vector_model(name: str = "given", dimension: int = 8, **fields) -> EmbeddingModel:
    """Create a model whose vectors the test itself supplies."""
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
    """Return (number, dimension) random unit vectors, as exact as a halfvec keeps them."""
    vectors = rng.normal(size=(number, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)

"""Pictures and texts to unit vectors. This package alone imports torch and open_clip for search.

Importing it costs nothing: torch is imported when the first encoder is loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from search.models import EmbeddingModel


class EncoderUnavailable(Exception):  # noqa: N818 - reads as what it is, as in HTTP's "unavailable"
    """The model cannot be loaded; the message says what to do about it."""


class Encoder(Protocol):
    """One dual encoder. Vectors of encoders with different fingerprints are never compared.

    `fingerprint` is 32 hexadecimal digits over weights, preprocessing and tokenizer.
    `context_length` counts tokens, the start and end tokens included.
    """

    name: str
    dim: int
    fingerprint: str
    context_length: int

    def encode_images(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Return one unit vector a picture: (n, dim), float32."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (n, dim), float32. Texts too long are cut at the end."""
        ...

    def unknown_words(self, text: str) -> list[str]:
        """Return the words that the model never saw, in order; empty for sub-word tokenizers."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text`, start and end included; it fits if <= context_length."""
        ...


_loaded: dict[tuple[str, ...], Encoder] = {}
_lock = threading.Lock()


def get_encoder(model: EmbeddingModel) -> Encoder:
    """Return the encoder that `model` names, loaded once a process; safe to call from threads.

    Raises `EncoderUnavailable` if it cannot be loaded, or is not what `model.fingerprint` says.
    """
    from search.encoders import open_clip_encoder  # noqa: PLC0415 - torch, only when needed

    source = open_clip_encoder.Source.of(model)
    with _lock:
        encoder = _loaded.get(source.key())
        if encoder is None:
            encoder = _loaded[source.key()] = open_clip_encoder.load(source)
    if model.fingerprint and model.fingerprint != encoder.fingerprint:
        raise EncoderUnavailable(
            f"the weights of {source} have changed: their fingerprint is {encoder.fingerprint}, "
            f"and the vectors of the model {model.name!r} were made with {model.fingerprint}. "
            "Restore the old weights, or register the new ones as another model and embed again."
        )
    return encoder

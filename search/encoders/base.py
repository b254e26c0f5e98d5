"""The interface of every encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image


class EncoderUnavailableError(Exception):
    """The model cannot be loaded; the message says what to do about it."""


class Encoder(Protocol):
    """One dual encoder. Vectors of encoders with different fingerprints are never compared.

    `fingerprint` is 32 hexadecimal digits over architecture, weights, preprocessing and
    tokenizer.
    `context_length` counts tokens, the start and end tokens included.
    """

    name: str
    dim: int
    fingerprint: str
    context_length: int

    def prepare(self, image: Image.Image) -> Any:
        """Return the input of `encode_images` for `image`. Other threads may call it early."""
        ...

    def encode_images(self, images: Sequence[Any]) -> np.ndarray:
        """Return one unit vector a picture, prepared or not: (n, dim), float32."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (n, dim), float32. Texts too long are cut at the end."""
        ...

    def unknown_words(self, text: str) -> list[str]:
        """Return the words unknown to the model, in order; empty for sub-word tokenizers."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text`, start and end included; it fits if <= context_length."""
        ...

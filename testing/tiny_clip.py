"""A CLIP of 24 dimensions with random weights, small enough for tests and trials."""

from collections.abc import Sequence
from pathlib import Path

from operations.benchmarks import untrained_encoder
from search.encoders.tokenizers.word import WordTokenizer
from search.models import EmbeddingModel

WORDS = ("boat", "red", "sun", "the", "a", "in", "snow", "pony", "house")
CONTEXT_LENGTH = 12
BYTE_PAIRS = 49_408


def write_checkpoint(
    folder: Path, *, words: Sequence[str] | None = WORDS, seed: int = 0, **text: object
) -> EmbeddingModel:
    """Write a checkpoint to `folder`, and return an unsaved model of it.

    `words` are its vocabulary; None makes it a byte-pair model. `text` changes the text tower's
    configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary_size = BYTE_PAIRS
    if words is not None:
        tokenizer = WordTokenizer(words, CONTEXT_LENGTH)
        tokenizer.save(folder / "vocab.json")
        vocabulary_size = tokenizer.vocab_size
    untrained_encoder.write_config(folder, _config(vocabulary_size, **text), seed=seed)
    return EmbeddingModel(name="tiny", architecture="tiny", checkpoint=str(folder), dimension=24)


def _config(vocabulary_size: int, **text: object) -> dict:
    return {
        "model_cfg": {
            "embed_dim": 24,
            "vision_cfg": {
                "image_size": 32,
                "layers": 1,
                "width": 32,
                "head_width": 16,
                "patch_size": 16,
            },
            "text_cfg": {
                "context_length": CONTEXT_LENGTH,
                "vocab_size": vocabulary_size,
                "width": 32,
                "heads": 2,
                "layers": 2,
                **text,
            },
        },
        "preprocess_cfg": {"resize_mode": "squash"},
    }

"""The registry of model families: one entry describes a family before torch is loaded.

A family is a module with `load(source)`, which returns an `Encoder`. Its encoders bring their own
tokenizer and say how they are exported (`ExportableEncoder`). The sample museum's model is one of
open_clip with a tokenizer of whole words.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from search.encoders.base import Encoder
from search.encoders.checkpoint import Source

if TYPE_CHECKING:
    from search.models import EmbeddingModel

PICTURES, TEXTS = "image", "text"  # as `Embedding.Kind` has them


@dataclass(frozen=True)
class Family:
    """One family.

    `name` is the value of `EmbeddingModel.architecture`, and the part before the slash in
    `manage.py embed --model NAME/MODEL`. `module` is imported with its first model. `kinds` are the
    kinds of vectors that it makes. A folder with all `files` is a checkpoint of the family.
    """

    name: str
    module: str
    kinds: tuple[str, ...] = (PICTURES, TEXTS)
    files: tuple[str, ...] = ()

    def load(self, source: Source) -> Encoder:
        """Load a model. Raises `EncoderUnavailableError`."""
        encoder: Encoder = import_module(self.module).load(source)
        return encoder

    def holds(self, folder: Path) -> bool:
        """Whether `folder` is a checkpoint of this family."""
        return all((folder / name).is_file() for name in self.files)


SENTENCE_TRANSFORMERS = Family(
    "sentence-transformers",
    "search.encoders.sentence_encoder",
    kinds=(TEXTS,),
    files=("modules.json",),
)
BLIP = Family(
    "blip",
    "search.encoders.blip_encoder",
    files=("config.json", "preprocessor_config.json"),
)
# Takes the rest: its models are named by the architecture itself, or by their folder.
OPEN_CLIP = Family("open_clip", "search.encoders.open_clip_encoder")
FAMILIES = (SENTENCE_TRANSFORMERS, BLIP, OPEN_CLIP)


def family_of(model: EmbeddingModel) -> Family:
    """Return the family of `model`."""
    return next((f for f in FAMILIES if f.name == model.architecture), OPEN_CLIP)


def architecture(folder: Path) -> str:
    """Return the architecture by which a model in `folder` is registered."""
    family = next(family for family in FAMILIES if family.holds(folder))
    return folder.name[:100] if family is OPEN_CLIP else family.name

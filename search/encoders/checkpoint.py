"""The source of a model's files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from search.models import EmbeddingModel


@dataclass(frozen=True)
class Source:
    """The source of a model: the folder `checkpoint`, or else architecture and hub tag."""

    architecture: str
    pretrained: str
    checkpoint: Path | None

    @classmethod
    def from_model(cls, model: EmbeddingModel) -> Source:
        """Return the source of `model`. A relative folder is relative to BASE_DIR."""
        folder = Path(settings.BASE_DIR, model.checkpoint).resolve() if model.checkpoint else None
        return cls(model.architecture, model.pretrained, folder)

    def key(self) -> tuple[str, ...]:
        """Return a key of the loaded files, which changes with the files of a local checkpoint."""
        if self.checkpoint is None:
            return (self.architecture, self.pretrained)
        files = sorted(self.checkpoint.glob("*.*")) if self.checkpoint.is_dir() else []
        return (str(self.checkpoint), *(f"{f.name} {f.stat().st_mtime_ns}" for f in files))

    def __str__(self) -> str:
        return str(self.checkpoint or f"{self.architecture}/{self.pretrained}")

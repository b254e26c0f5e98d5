"""Where a model's files come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from search.models import EmbeddingModel


@dataclass(frozen=True)
class Source:
    """Where a model comes from: `checkpoint`, a folder, or else architecture and hub tag."""

    architecture: str
    pretrained: str
    checkpoint: Path | None

    @classmethod
    def from_model(cls, model: EmbeddingModel) -> Source:
        """Read it from `model`; relative folders start at the project's own folder."""
        folder = Path(settings.BASE_DIR, model.checkpoint).resolve() if model.checkpoint else None
        return cls(model.architecture, model.pretrained, folder)

    def key(self) -> tuple[str, ...]:
        """Name what is loaded; it changes when the files of a local checkpoint do."""
        if self.checkpoint is None:
            return (self.architecture, self.pretrained)
        files = sorted(self.checkpoint.glob("*.*")) if self.checkpoint.is_dir() else []
        return (str(self.checkpoint), *(f"{f.name} {f.stat().st_mtime_ns}" for f in files))

    def __str__(self) -> str:
        return str(self.checkpoint or f"{self.architecture}/{self.pretrained}")

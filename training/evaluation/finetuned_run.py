"""The files that a fine-tuning run writes beside its weights, for evaluation to read."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from search.encoders import Encoder
from search.encoders.open_clip_encoder import OpenClipEncoder
from search.models import EmbeddingModel


@dataclass(frozen=True)
class FinetunedRun:
    """`facts.json`, `split.json` (part by item key) and `history.jsonl`; empty if missing."""

    facts: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, model: EmbeddingModel) -> FinetunedRun:
        """Read the files in the model's checkpoint folder."""
        if not model.checkpoint:
            return cls()
        folder = Path(settings.BASE_DIR, model.checkpoint)
        lines = _text(folder / "history.jsonl").splitlines()
        return cls(
            json.loads(_text(folder / "facts.json") or "{}"),
            json.loads(_text(folder / "split.json") or "{}"),
            [json.loads(line) for line in lines],
        )

    @property
    def base(self) -> str:
        """The name of the model that was tuned; "" if none was."""
        return str(self.facts.get("base", {}).get("name", ""))

    @property
    def data(self) -> str:
        """The spec of the data that the model was tuned on; "" if it was not."""
        return str(self.facts.get("data", {}).get("spec", ""))

    @property
    def alpha(self) -> float | None:
        """The position of the weights between the base (0) and the end of training (1)."""
        return self.facts.get("alpha")

    @property
    def is_blend(self) -> bool:
        """Whether WiSE-FT chose weights between base and tuned ones."""
        return self.alpha is not None and 0 < self.alpha < 1


def unblended_encoder(base: Encoder, blend: Encoder, alpha: float) -> Encoder | None:
    """Return the encoder with the weights at the end of training, alpha 1.

    They are extrapolated from base through blend, exact up to the rounding error of fp32 divided
    by alpha. None if the two are of different architectures.
    """
    if not isinstance(base, OpenClipEncoder) or not isinstance(blend, OpenClipEncoder):
        return None
    before, after = base.model.state_dict(), blend.model.state_dict()
    if {n: t.shape for n, t in before.items()} != {n: t.shape for n, t in after.items()}:
        return None
    model = copy.deepcopy(blend.model)
    model.load_state_dict(
        {
            name: before[name] + (weight - before[name]) / alpha
            if weight.is_floating_point()
            else weight
            for name, weight in after.items()
        }
    )
    return OpenClipEncoder(
        f"{blend.name}, alpha 1", model, blend.preprocess, blend.tokenizer, blend.architecture
    )


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""

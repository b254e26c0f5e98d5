"""The interface of encoders that search/encoders/onnx_exporter.py can export to ONNX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import nn

from search.encoders.base import Encoder
from search.encoders.tokenizers.storage import Tokenizer


@dataclass(frozen=True)
class ExportableTower:
    """A tower with one input whose first axis, the number of items, is free.

    `example` is traced; `free` names other axes of free length. `checks` are inputs with the
    (n, dim) vectors of the original model. `facts` are added to `export.json`.
    """

    module: nn.Module
    example: torch.Tensor
    checks: Iterable[tuple[torch.Tensor, np.ndarray]]
    free: Mapping[int, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class ExportableEncoder(Encoder, Protocol):
    """An encoder that web processes can use without torch."""

    tokenizer: Tokenizer

    def towers(self) -> dict[str, ExportableTower]:
        """Return the towers by the kind of their input, "text" and "image".

        Raises `TypeError` for a model that cannot be exported.
        """
        ...

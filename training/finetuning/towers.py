"""A model in training, with all that is needed to write it as a checkpoint for search."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from search.encoders.open_clip_encoder import OpenClipEncoder, encode_tokens, open_clip
from search.encoders.preprocess import Preprocess
from search.encoders.tokenizers.word import WordTokenizer

WEIGHTS_FILE = "open_clip_model.safetensors"
CONFIG_FILE = "open_clip_config.json"
State = dict[str, Tensor]


@dataclass
class Towers:
    """An open_clip model on its device, its tokenizer, and its preprocessing."""

    model: Any
    tokenizer: Any
    fits: Callable[[str], bool]  # whether a text is within the context
    architecture: dict[str, Any]
    device: torch.device
    bf16: bool

    @classmethod
    def of(
        cls, encoder: OpenClipEncoder, device: torch.device, *, bf16: bool | None = None
    ) -> Towers:
        """Copy the encoder's model, so that training does not change the encoder itself."""
        model = copy.deepcopy(encoder.model).to(device).requires_grad_(True)
        if device.type == "cpu":
            model.to(memory_format=torch.channels_last)  # makes convolutions a third faster
        use_bf16 = has_bf16(device) if bf16 is None else bf16
        return cls(
            model,
            encoder.tokenizer,
            lambda text: encoder.count_tokens(text) <= encoder.context_length,
            encoder.architecture,
            device,
            use_bf16,
        )

    @property
    def preprocess_cfg(self) -> dict[str, Any]:
        """open_clip's `preprocess_cfg` of the model."""
        return dict(open_clip.get_model_preprocess_cfg(self.model))

    @property
    def preprocess(self) -> Preprocess:
        """The preprocessing of the model's pictures."""
        return Preprocess.of(self.preprocess_cfg)

    def tokens(self, texts: Sequence[str]) -> Tensor:
        """Return the (n, context) token ids of `texts`, on the CPU."""
        return torch.as_tensor(self.tokenizer(list(texts)))

    def pictures(self, pixels: np.ndarray) -> Tensor:
        """Convert (n, height, width, 3) uint8 to the model's input on its device."""
        preprocess = self.preprocess
        mean, std = (
            torch.tensor(v, device=self.device).view(1, 3, 1, 1)
            for v in (preprocess.mean, preprocess.std)
        )
        on_device = torch.from_numpy(np.ascontiguousarray(pixels)).to(
            self.device, non_blocking=True
        )
        # Rows of pixels are "channels last" already, so this makes no copy.
        return on_device.permute(0, 3, 1, 2).float().div_(255).sub_(mean).div_(std)

    def images(self, pictures: Tensor) -> Tensor:
        """Encode prepared pictures to unit vectors, (n, dim) float32."""
        with self._precision():
            return _unit(self.model.encode_image(pictures))

    def texts(self, tokens: Tensor) -> Tensor:
        """Encode (n, context) token ids to unit vectors, (n, dim) float32."""
        with self._precision():
            return _unit(encode_tokens(self.model, tokens.to(self.device, non_blocking=True)))

    def _precision(self) -> Any:
        return _Precision(self.device, self.bf16)

    def train_mode(self) -> None:
        """Put the model into training mode, with fixed statistics of batch norms.

        Pictures pass in small parts and twice, and each part would have different statistics.
        """
        self.model.train()
        for module in self.model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()

    def state(self) -> State:
        """Return a copy of the weights, on the CPU."""
        return {name: t.detach().cpu().clone() for name, t in self.model.state_dict().items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Set the weights to `state`."""
        self.model.load_state_dict(state)

    def write(self, folder: Path) -> None:
        """Write weights (fp32), configuration and vocabulary as `registry.register` takes them."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: tensor.contiguous() for name, tensor in self.state().items()}
        save_file(weights, folder / WEIGHTS_FILE)
        config = {"model_cfg": self.architecture, "preprocess_cfg": _plain(self.preprocess_cfg)}
        (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n")
        if isinstance(self.tokenizer, WordTokenizer):
            self.tokenizer.save(folder / "vocab.json")


class _Precision:
    """Autocast to bf16 if `bf16`; on a CPU also plain attention, which is faster for short
    texts."""

    def __init__(self, device: torch.device, bf16: bool) -> None:
        self._contexts: list[AbstractContextManager[Any]] = [
            torch.autocast(device.type, torch.bfloat16, enabled=bf16)
        ]
        if device.type == "cpu":
            self._contexts.append(sdpa_kernel(SDPBackend.MATH))

    def __enter__(self) -> None:
        for context in self._contexts:
            context.__enter__()

    def __exit__(self, *error: Any) -> None:
        for context in reversed(self._contexts):
            context.__exit__(*error)


def has_bf16(device: torch.device) -> bool:
    """Return whether the hardware computes bf16 without emulation."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _unit(vectors: Tensor) -> Tensor:
    return nn.functional.normalize(vectors.float(), dim=-1)


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in config.items()}

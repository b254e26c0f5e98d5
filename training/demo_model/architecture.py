"""The demo model: its architecture, and its checkpoint in open_clip's `local-dir:` layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from search.encoders.tokenizers.word import WordTokenizer
from search.encoders.torchvision_shim import ensure_torchvision
from training.demo_model.corpus import PICTURE_PIXELS

ensure_torchvision()
import open_clip  # noqa: E402 - needs torchvision, which the line above makes importable

DIMENSION = 256
CONTEXT_LENGTH = 32  # tokens, start and end included
WEIGHTS_FILE = "open_clip_model.safetensors"
CONFIG_FILE = "open_clip_config.json"
VOCABULARY_FILE = "vocab.json"


def config(vocab_size: int) -> dict[str, Any]:
    """Return `open_clip_config.json`: a small ResNet and a small transformer."""
    return {
        "model_cfg": {
            "embed_dim": DIMENSION,
            # On 40,000 pictures a small ResNet learns shapes several times faster than a vision
            # transformer of the same cost.
            "vision_cfg": {"image_size": PICTURE_PIXELS, "layers": [1, 1, 1, 1], "width": 24},
            "text_cfg": {
                "context_length": CONTEXT_LENGTH,
                "vocab_size": vocab_size,
                "width": 192,
                "heads": 6,
                "layers": 2,
            },
        },
        "preprocess_cfg": {
            "size": PICTURE_PIXELS,
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
            "interpolation": "bicubic",
            # No cropping: a work's edges matter as much as its middle.
            "resize_mode": "squash",
        },
    }


def create(vocab_size: int) -> Any:
    """Return an untrained model; torch's global generator decides its weights."""
    return open_clip.CLIP(**config(vocab_size)["model_cfg"])


def to_input(pixels: np.ndarray) -> torch.Tensor:
    """Convert (n, size, size, 3) uint8 to the model's input: (n, 3, size, size), -1 to 1."""
    return torch.tensor(pixels).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def save(model: Any, tokenizer: WordTokenizer, folder: Path) -> None:
    """Write weights, configuration and vocabulary to `folder`.

    Matrices are stored as fp16; norms, biases and running statistics are small and stay fp32.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (tensor.half() if tensor.ndim > 1 else tensor).detach().contiguous()
        for name, tensor in model.state_dict().items()
    }
    save_file(weights, folder / WEIGHTS_FILE)
    (folder / CONFIG_FILE).write_text(json.dumps(config(tokenizer.vocab_size), indent=2) + "\n")
    tokenizer.save(folder / VOCABULARY_FILE)

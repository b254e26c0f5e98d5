"""Two frozen encoders as one model, of which only the projections are trained.

Earlier systems paired a frozen ResNet or Inception with a frozen BERT in this way. The result is an
ordinary open_clip checkpoint (`CustomTextCLIP`), which search can embed, export and activate.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from search.encoders.open_clip_encoder import open_clip
from training.finetuning.towers import CONFIG_FILE, WEIGHTS_FILE

EMBEDDING_DIMENSION = 512
# A small, untrained bidirectional transformer of open_clip: a text encoder without a download.
TRANSFORMER = "transformer"


class UnknownTowersError(Exception):
    """The spec does not name two encoders that can be loaded; the message says what to do."""


def write(spec: str, folder: Path, *, pretrained: bool, seed: int, size: int = 224) -> None:
    """Write the pair `spec`, such as "resnet34+distilbert-base-uncased", with new projections.

    The first part is any model of timm, the second one of the Hugging Face hub (with the package
    transformers) or "transformer". With `pretrained`, their weights are downloaded from the hub.
    Raises `UnknownTowersError`.
    """
    image, plus, text = spec.partition("+")
    if not (image and plus and text):
        raise UnknownTowersError(
            f"{spec!r}: write IMAGE+TEXT, such as resnet34+distilbert-base-uncased"
        )
    torch.manual_seed(seed)
    config = _config(image, text, size)
    try:
        model = open_clip.CustomTextCLIP(**_with_pretrained(config, pretrained))
    except (RuntimeError, OSError, ValueError, AttributeError, AssertionError) as error:
        raise UnknownTowersError(
            f"could not create {spec}: {error}. IMAGE is a model of timm; TEXT is a model of the "
            f"Hugging Face hub, which needs the package transformers, or {TRANSFORMER}"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / WEIGHTS_FILE)
    facts = {"model_cfg": {**config, "custom_text": True}, "preprocess_cfg": {"size": size}}
    (folder / CONFIG_FILE).write_text(json.dumps(facts, indent=2) + "\n")


def _config(image: str, text: str, size: int) -> dict[str, Any]:
    small: dict[str, Any] = {"width": 256, "heads": 4, "layers": 4, "no_causal_mask": True}
    hub: dict[str, Any] = {
        "hf_model_name": text,
        "hf_tokenizer_name": text,
        "hf_model_pretrained": False,
        "hf_proj_type": "linear",
    }
    return {
        "embed_dim": EMBEDDING_DIMENSION,
        "vision_cfg": {
            "timm_model_name": image,
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "image_size": size,
        },
        "text_cfg": small if text == TRANSFORMER else hub,
    }


def _with_pretrained(config: dict[str, Any], pretrained: bool) -> dict[str, Any]:
    """Return `config` with trained encoders; the checkpoint itself will hold their weights."""
    towers = {name: dict(config[name]) for name in ("vision_cfg", "text_cfg")}
    towers["vision_cfg"]["timm_model_pretrained"] = pretrained
    if "hf_model_name" in towers["text_cfg"]:
        towers["text_cfg"]["hf_model_pretrained"] = pretrained
    return {**config, **towers}

"""Any two encoders side by side, as a model whose projections alone are trained.

Earlier systems work so: a ResNet or an Inception with a BERT, both frozen. The result is a plain
checkpoint of open_clip (`CustomTextCLIP`), which search embeds, exports and activates like any.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from search.encoders import tokenizers
from search.encoders.open_clip_encoder import open_clip
from search.encoders.tokenizers import from_open_clip
from training.finetuning.towers import CONFIG, WEIGHTS

DIMENSION = 512
# A small bidirectional transformer of open_clip, untrained, for a text encoder with no download.
TRANSFORMER = "transformer"
_LOAD_ERRORS = (
    RuntimeError,
    OSError,
    ValueError,
    AttributeError,
    AssertionError,
    ImportError,
    TypeError,
)


class UnknownTowers(Exception):  # noqa: N818 - reads as what it is
    """The spec names no two encoders that can be loaded; the message says the mend."""


def write(spec: str, folder: Path, *, pretrained: bool, seed: int, size: int = 224) -> None:
    """Write the pair `spec`, such as "resnet34+distilbert-base-uncased", with new projections.

    The first is any model of timm, the second one of the Hugging Face hub (with the package
    transformers) or "transformer". With `pretrained`, their weights are fetched from the hub.
    Raises `UnknownTowers`.
    """
    image, plus, text = spec.partition("+")
    if not (image and plus and text):
        raise UnknownTowers(f"{spec!r}: write IMAGE+TEXT, as resnet34+distilbert-base-uncased")
    torch.manual_seed(seed)
    config = _config(image, text, size)
    try:
        model = open_clip.CustomTextCLIP(**_asked(config, pretrained))
        tokenizer = from_open_clip.convert(_tokenizer(text))
    except _LOAD_ERRORS as error:
        raise UnknownTowers(
            f"could not make {spec}: {error}. IMAGE is a model of timm; TEXT is one of the Hugging "
            f"Face hub, which needs the package transformers, or {TRANSFORMER}"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / WEIGHTS)
    whole = {
        "model_cfg": {**config, "custom_text": True},
        "preprocess_cfg": {"size": size},
        "tokenizer": tokenizers.write(tokenizer, folder),
    }
    (folder / CONFIG).write_text(json.dumps(whole, indent=2) + "\n")


def _tokenizer(text: str) -> open_clip.SimpleTokenizer | open_clip.tokenizer.HFTokenizer:
    return (
        open_clip.SimpleTokenizer()
        if text == TRANSFORMER
        else open_clip.tokenizer.HFTokenizer(text)
    )


def _config(image: str, text: str, size: int) -> dict[str, Any]:
    own: dict[str, Any] = {"width": 256, "heads": 4, "layers": 4, "no_causal_mask": True}
    hub: dict[str, Any] = {
        "hf_model_name": text,
        "hf_tokenizer_name": text,
        "hf_model_pretrained": False,
        "hf_proj_type": "linear",
    }
    return {
        "embed_dim": DIMENSION,
        "vision_cfg": {
            "timm_model_name": image,
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "image_size": size,
        },
        "text_cfg": own if text == TRANSFORMER else hub,
    }


def _asked(config: dict[str, Any], pretrained: bool) -> dict[str, Any]:
    """Fetch trained encoders now; who loads the checkpoint later has their weights in it."""
    towers = {name: dict(config[name]) for name in ("vision_cfg", "text_cfg")}
    towers["vision_cfg"]["timm_model_pretrained"] = pretrained
    if "hf_model_name" in towers["text_cfg"]:
        towers["text_cfg"]["hf_model_pretrained"] = pretrained
    return {**config, **towers}

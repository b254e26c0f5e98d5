"""An untrained model of any open_clip architecture: as quick and as large as a trained one."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from search.encoders.open_clip_encoder import open_clip


def write(folder: Path, architecture: str) -> None:
    """Write its checkpoint to `folder`, unless it is there; good for nothing but measuring."""
    config = {"model_cfg": open_clip.get_model_config(architecture), "preprocess_cfg": {}}
    write_config(folder, config)


def write_config(folder: Path, config: dict[str, Any]) -> None:
    """Write an untrained model as `open_clip_config.json` describes it, unless it is there."""
    weights = folder / "open_clip_model.safetensors"
    if weights.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    state = open_clip.CLIP(**config["model_cfg"]).state_dict()
    partial = weights.with_suffix(".partial")
    save_file({name: tensor.half().contiguous() for name, tensor in state.items()}, partial)
    partial.rename(weights)

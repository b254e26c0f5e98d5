"""Untrained models of any open_clip architecture: as fast and as large as trained ones."""

import json
from pathlib import Path
from typing import Any

WEIGHTS = "open_clip_model.safetensors"


def write(folder: Path, architecture: str) -> None:
    """Write a checkpoint of `architecture` to `folder`, unless there is one already.

    It measures speed and memory only: its answers mean nothing. Raises `ValueError` for an
    architecture that open_clip does not have.
    """
    if (folder / WEIGHTS).is_file():
        return
    from search.encoders.open_clip_encoder import open_clip  # noqa: PLC0415 - see `write_config`

    model_cfg = open_clip.get_model_config(architecture)
    if model_cfg is None:
        raise ValueError(f"open_clip has no architecture {architecture!r}")
    write_config(folder, {"model_cfg": model_cfg, "preprocess_cfg": {}})


def write_config(folder: Path, config: dict[str, Any], *, seed: int = 0) -> None:
    """Write the configuration and random fp16 weights of the model that `config` describes."""
    # torch takes seconds and half a gigabyte to import: only processes that write a model need it.
    import torch  # noqa: PLC0415
    from safetensors.torch import save_file  # noqa: PLC0415

    from search.encoders.open_clip_encoder import open_clip  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(seed)
    state = open_clip.CLIP(**config["model_cfg"]).state_dict()
    partial = (folder / WEIGHTS).with_suffix(".partial")
    save_file({name: tensor.half().contiguous() for name, tensor in state.items()}, partial)
    partial.rename(folder / WEIGHTS)

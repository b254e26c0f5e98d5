"""open_clip's pretrained tags: how large each model is, what it needs, and its licence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from search.encoders.open_clip_encoder import open_clip, uses_transformers

# Of the weights, by where they are downloaded from: what model cards and timm's metadata say.
# The first match counts; what none matches, nobody here has looked up.
LICENCES = (
    (".openai", "MIT"),
    ("metaclip", "CC-BY-NC-4.0"),
    ("timm/MobileCLIP2", "Apple AMLR (research only)"),
    ("apple/", "Apple AMLR (research only)"),
    ("timm/PE-Core", "Apache-2.0"),
    ("SigLIP", "Apache-2.0"),
    ("timm/eva", "MIT"),
    ("jienengchen/ViTamin", "MIT"),
    ("laion/", "MIT"),
    ("timm/vit_", "MIT"),
    ("timm/resnet", "MIT"),
)
UNKNOWN = "see model card"


@dataclass(frozen=True)
class Row:
    """One architecture and those of its tags that have one licence.

    `parameters` is None where the text tower's configuration is on the hub; `problem` says why the
    architecture cannot be built with the packages that are installed.
    """

    architecture: str
    tags: tuple[str, ...]
    dimension: int
    parameters: int | None
    needs: str
    licence: str
    problem: str = ""


def licence(architecture: str, tag: str) -> str:
    """Return the licence of a tag's weights, or `UNKNOWN`."""
    repository = open_clip.get_pretrained_cfg(architecture, tag).get("hf_hub", "")
    return next((text for part, text in LICENCES if part in repository), UNKNOWN)


def rows() -> Iterator[Row]:
    """Yield all tags, by architecture; each is built without memory for its weights."""
    groups: dict[str, dict[str, list[str]]] = {}
    for architecture, tag in open_clip.list_pretrained():
        by_licence = groups.setdefault(architecture, {})
        by_licence.setdefault(licence(architecture, tag), []).append(tag)
    for architecture in sorted(groups, key=str.lower):
        config = open_clip.get_model_config(architecture)
        parameters, problem = _built(architecture)
        for text, tags in groups[architecture].items():
            yield Row(
                architecture,
                tuple(sorted(tags)),
                config["embed_dim"],
                parameters,
                "transformers" if uses_transformers(config) else "",
                text,
                problem,
            )


def _built(architecture: str) -> tuple[int | None, str]:
    if "hf_model_name" in open_clip.get_model_config(architecture)["text_cfg"]:
        return None, ""
    try:
        with torch.device("meta"):
            model = open_clip.create_model(architecture, load_weights=False, device="meta")
    except (RuntimeError, ValueError, TypeError, ImportError) as error:
        return None, str(error).partition("\n")[0]
    return sum(parameter.numel() for parameter in model.parameters()), ""

"""A tiny CLIP in a folder, and a handful of coloured pictures that it can learn."""

import itertools
import json
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file

from search.encoders import get_encoder
from search.encoders.open_clip_encoder import open_clip
from search.encoders.tokenizers.word import WordTokenizer
from search.models import EmbeddingModel
from training.datasets.dataset import Dataset, Item

COLOURS = ("red", "green", "blue", "yellow", "purple", "white")
SHAPES = ("left", "right", "top", "bottom", "whole")
WORDS = (*COLOURS, *SHAPES, "a", "half", "and", "on", "in", "picture", "of", "by", "ada", "oil")


def write_model(folder: Path, seed: int = 0) -> Path:
    """Write an untrained vision transformer of two layers and a text tower of two."""
    tokenizer = WordTokenizer(WORDS, 12)
    config = {
        "embed_dim": 16,
        "vision_cfg": {
            "image_size": 16, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8
        },
        "text_cfg": {
            "context_length": 12, "vocab_size": tokenizer.vocab_size, "width": 32, "heads": 2,
            "layers": 2,
        },
    }  # fmt: skip
    preprocess = {"size": 16, "mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}
    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    model = open_clip.CLIP(**config)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    facts = {"model_cfg": config, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(facts))
    tokenizer.save(folder / "vocab.json")
    return folder


def encoder(folder: Path):
    """Load the model in `folder` as search does."""
    return get_encoder(
        EmbeddingModel(
            name=folder.name, architecture=folder.name, checkpoint=str(folder), dimension=1
        )
    )


def paint(first: str, second: str, shape: str) -> Image.Image:
    """Paint a half, or the whole, of a picture of one colour in another."""
    picture = Image.new("RGB", (16, 16), first)
    box = {
        "left": (0, 0, 8, 16), "right": (8, 0, 16, 16), "top": (0, 0, 16, 8),
        "bottom": (0, 8, 16, 16), "whole": (0, 0, 16, 16),
    }[shape]  # fmt: skip
    picture.paste(Image.new("RGB", (16, 16), second).crop(box), box)
    return picture


def dataset(number: int = 90) -> Dataset:
    """Return pictures of two colours, the same two of which belong to one group."""
    kinds = itertools.product(COLOURS, COLOURS, SHAPES)
    chosen = [kind for kind in kinds if kind[0] != kind[1]][:number]
    items = [
        Item(
            key=f"{first}-{second}-{shape}",
            open=lambda first=first, second=second, shape=shape: paint(first, second, shape),
            image=f"{first}-{second}-{shape}",
            captions=(f"A {first} picture. On the {shape} {second}.",),
            alt_texts=(f"{first} and {second} on the {shape}",),
            title=f"{second} on {first}",
            artist="Ada",
            facts=("oil", first),
            ties=("".join(sorted((first, second))),),
        )
        for first, second, shape in chosen
    ]
    return Dataset("tiny", "tiny", items)

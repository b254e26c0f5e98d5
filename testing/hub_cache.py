"""A cache of the model hub as a finished download leaves it, with random weights.

    {MODEL_CACHE_DIR}/models--ORG--NAME/blobs/{hash}, refs/main, snapshots/{commit}/{file} -> blob

Weights have the names, shapes and activation of the published ones, so whatever loads, exports and
answers with these does so with the real ones. What is found by them means nothing.
"""

import hashlib
import json
import os
from pathlib import Path

from search.encoders.torchvision_shim import ensure_torchvision

COMMIT = "5f6c2e0b1d3a49788c0e6f1a2b3c4d5e6f708192"


def add_file(cache: Path, repository: str, name: str, content: bytes | Path) -> Path:
    """Add a file to a repository's newest snapshot; one given as a path is moved. Return it."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    for part in ("blobs", "refs", f"snapshots/{COMMIT}"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(COMMIT)
    blob = folder / "blobs" / hashlib.sha256(f"{repository}/{name}".encode()).hexdigest()
    if isinstance(content, Path):
        content.replace(blob)
    else:
        blob.write_bytes(content)
    place = folder / "snapshots" / COMMIT / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(os.path.relpath(blob, place.parent))
    return place


def add_tag(cache: Path, architecture: str, tag: str) -> Path:
    """Add a tag of open_clip's table: float16 weights under the file name that it downloads."""
    import torch
    from safetensors.torch import save_file

    ensure_torchvision()
    import open_clip

    config = open_clip.get_pretrained_cfg(architecture, tag)
    repository, _, file = config["hf_hub"].rpartition("/")
    torch.manual_seed(0)
    model = open_clip.create_model(architecture, load_weights=False, pretrained_text=False)
    weights = cache / "weights.partial"
    cache.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    if file.endswith(".bin"):
        torch.save(state, weights)
    else:
        save_file(state, weights)
    text = open_clip.get_model_config(architecture)["text_cfg"]
    if tokenizer := text.get("hf_tokenizer_name"):
        for name, content in gemma_tokenizer().items():
            add_file(cache, tokenizer, name, content)
    return add_file(cache, repository, file or "open_clip_model.safetensors", weights)


def gemma_tokenizer() -> dict[str, bytes]:
    """Return the files of a tokenizer built as SigLIP 2's is, Gemma's, with few of its pieces.

    Pairs of bytes fall back to one token a byte, spaces are "\u2581", and an end token follows.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    letters = [*map(chr, range(33, 127)), "\u2581"]
    merges = [("\u2581", letter) for letter in "abcdefghijklmnopqrstuvwxyz"]
    pieces = [*special, *(f"<0x{n:02X}>" for n in range(256)), *letters, *map("".join, merges)]
    made = Tokenizer(
        models.BPE(
            vocab={piece: number for number, piece in enumerate(pieces)},
            merges=merges,
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    made.normalizer = normalizers.Replace(" ", "\u2581")
    made.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    made.post_processor = processors.TemplateProcessing(
        single="$A:0 <eos>:0", pair="$A:0 <eos>:0 $B:1 <eos>:1", special_tokens=[("<eos>", 1)]
    )
    made.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    made.add_special_tokens(special)
    named = {f"{piece.strip('<>')}_token": piece for piece in special}
    config = {
        **named,
        "tokenizer_class": "GemmaTokenizer",
        "add_bos_token": False,
        "add_eos_token": True,
        "padding_side": "right",
        "model_max_length": 64,
        "clean_up_tokenization_spaces": False,
    }
    return {
        "tokenizer.json": made.to_str().encode(),
        "tokenizer_config.json": json.dumps(config).encode(),
        "special_tokens_map.json": json.dumps(named).encode(),
    }

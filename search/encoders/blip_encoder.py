"""BLIP as an `Encoder`, by its contrastive heads, as a baseline for other models.

Li et al., "BLIP: Bootstrapping Language-Image Pre-training", 2022. The towers come from the
optional package transformers; this module makes tokens and pixels, as for other models.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.conf import settings
from PIL import Image
from safetensors import SafetensorError
from torch.nn import functional as F  # noqa: N812

from search.encoders import EncoderUnavailableError, hub
from search.encoders.checkpoint import Source
from search.encoders.preprocess import Preprocess
from search.encoders.tokenizers import subword
from search.encoders.tokenizers.subword import SubwordTokenizer
from search.encoders.torchvision_shim import ensure_torchvision

OWNER = "Salesforce"
CONFIG, PIXELS, VOCABULARY = "config.json", "preprocessor_config.json", "vocab.txt"
FILES = (CONFIG, PIXELS, VOCABULARY, "model.safetensors")
MAX_TOKENS = 35  # of a text, as in BLIP's training for retrieval
_LOAD_ERRORS = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError)


def load(source: Source) -> BlipEncoder:
    """Load the model of `source` in fp32 on the CPU; raises `EncoderUnavailableError`."""
    architecture = _architecture()
    folder = source.checkpoint or _download(source)
    try:
        model = architecture.from_pretrained(folder, local_files_only=True)
        config = json.loads((folder / PIXELS).read_text("utf-8"))
        size = (config["size"]["height"], config["size"]["width"])
        pixels = Preprocess(
            size, tuple(config["image_mean"]), tuple(config["image_std"]), resize_mode="squash"
        )
        tokenizer = subword.from_bert_vocabulary(folder / VOCABULARY, MAX_TOKENS)
    except _LOAD_ERRORS as error:
        raise EncoderUnavailableError(f"could not load {source}: {error}") from error
    return BlipEncoder(str(source), model, pixels, tokenizer)


def _architecture() -> Any:
    ensure_torchvision()
    try:
        from transformers import BlipForImageTextRetrieval  # noqa: PLC0415 - of an optional package
    except ImportError as error:
        raise EncoderUnavailableError(
            f"BLIP needs the package transformers ({error}): pip install '.[blip]'"
        ) from error
    return BlipForImageTextRetrieval


def _download(source: Source) -> Path:
    repository = f"{OWNER}/{source.pretrained}"
    try:
        paths = [Path(hub.file(repository, name, settings.MODEL_CACHE_DIR)) for name in FILES]
    except hub.HubError as error:
        raise EncoderUnavailableError(
            f"could not download {repository} from the model hub ({error}): connect to the "
            f"internet once, or point MODEL_CACHE_DIR (now {settings.MODEL_CACHE_DIR}) to a folder "
            "that has it"
        ) from error.__cause__
    return paths[0].parent


class BlipEncoder:
    """An `Encoder` over one BLIP, on the CPU, in fp32. Safe to share among threads."""

    def __init__(
        self, name: str, model: Any, preprocess: Preprocess, tokenizer: SubwordTokenizer
    ) -> None:
        self.name = name
        self.model = model.float().eval().requires_grad_(False)
        self.preprocess = preprocess
        self.tokenizer = tokenizer
        self.context_length = MAX_TOKENS
        self.dim = int(model.vision_proj.out_features)
        self.batch_size = settings.EMBED_BATCH_SIZE
        digest = hashlib.blake2b(repr(preprocess).encode(), digest_size=16)
        for key, tensor in sorted(self.model.state_dict().items()):
            digest.update(f"{key} {tuple(tensor.shape)}".encode())
            digest.update(memoryview(tensor.contiguous().numpy()).cast("B"))
        self.fingerprint = digest.hexdigest()

    def prepare(self, image: Image.Image) -> torch.Tensor:
        """Return the model's input for one picture: (3, height, width), float32."""
        return torch.from_numpy(self.preprocess([image])[0])

    def encode_images(self, images: Sequence[Image.Image | torch.Tensor]) -> np.ndarray:
        """Return one unit vector a picture, prepared or not: (n, dim), float32."""
        prepared = [i if isinstance(i, torch.Tensor) else self.prepare(i) for i in images]
        size = self.batch_size
        batches = (torch.stack(prepared[n : n + size]) for n in range(0, len(prepared), size))
        return self._unit(
            self.model.vision_proj(self.model.vision_model(pixels).last_hidden_state[:, 0])
            for pixels in batches
        )

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (n, dim), float32. Texts too long are cut at the end."""
        # One at a time, so that none is padded.
        tokens = (torch.from_numpy(self.tokenizer([text])) for text in texts)
        return self._unit(
            self.model.text_proj(self.model.text_encoder(ids).last_hidden_state[:, 0])
            for ids in tokens
        )

    def unknown_words(self, text: str) -> list[str]:
        """Return the words unknown to the model."""
        return self.tokenizer.unknown_words(text)

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text`, start and end included, before any cut."""
        return self.tokenizer.count_tokens(text)

    @torch.inference_mode()
    def _unit(self, parts: Iterable[torch.Tensor]) -> np.ndarray:
        rows = [F.normalize(part.float(), dim=-1).numpy() for part in parts]
        return np.concatenate(rows) if rows else np.empty((0, self.dim), np.float32)

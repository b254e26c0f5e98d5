"""Any open_clip model as an `Encoder`: a tag of the model hub, or a local checkpoint folder.

A local folder has open_clip's `local-dir:` layout, `open_clip_config.json` and weights. Our own
checkpoints also have a tokenizer's file, and its facts under "tokenizer" in the configuration; with
a `vocab.json` alone, texts go through our word tokenizer instead of CLIP's byte pairs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.conf import settings
from PIL import Image
from safetensors import SafetensorError

from search.encoders import EncoderUnavailableError, exportable_towers, hub, tokenizers
from search.encoders.checkpoint import Source
from search.encoders.exportable import ExportableTower
from search.encoders.tokenizers import from_open_clip
from search.encoders.tokenizers.storage import Tokenizer, read_tokenizer
from search.encoders.torchvision_shim import ensure_torchvision

ensure_torchvision()
import open_clip  # noqa: E402 - imports torchvision, which the line above makes importable

# What open_clip, torch and safetensors raise for files that a user can correct. open_clip asserts
# that shapes agree, and imports further packages for some tokenizers.
_LOAD_ERRORS = (
    AssertionError,
    RuntimeError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    ImportError,
    SafetensorError,
)


# Optional files of a Hugging Face tokenizer, beside its `tokenizer.json`.
_TOKENIZER_FILES = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "config.json",
)


def load(source: Source) -> OpenClipEncoder:
    """Load the model of `source` in fp32 on the CPU; raises `EncoderUnavailableError`."""
    _require_known(source)
    try:
        architecture = _architecture(source)
        _require_packages(source, architecture)
        options = _local_options(source) if source.checkpoint else _hub_options(source)
        model, _, preprocess = open_clip.create_model_and_transforms(
            **options, cache_dir=settings.MODEL_CACHE_DIR, require_pretrained=True
        )
        tokenizer = _tokenizer(source, model)
    except hub.HubError as error:
        raise EncoderUnavailableError(
            f"could not download {source} from the model hub ({error}): connect to the internet "
            f"once, or point MODEL_CACHE_DIR (now {settings.MODEL_CACHE_DIR}) to a folder that "
            "has it, or register a local checkpoint folder"
        ) from error.__cause__
    except _LOAD_ERRORS as error:
        raise EncoderUnavailableError(f"could not load {source}: {error}") from error
    return OpenClipEncoder(str(source), model, preprocess, tokenizer, architecture)


def _require_known(source: Source) -> None:
    """Raise `EncoderUnavailableError` unless the folder, or the architecture and tag, exist."""
    if folder := source.checkpoint:
        if (folder / "open_clip_config.json").is_file():
            return
        what = "has no open_clip_config.json" if folder.is_dir() else "does not exist"
        raise EncoderUnavailableError(
            f"the checkpoint folder {folder} {what}: correct the model's checkpoint, or train it "
            "again (manage.py train_demo makes the sample museum's model)"
        )
    architecture, tag = source.architecture, source.pretrained
    if architecture not in open_clip.list_models():
        raise EncoderUnavailableError(
            f"open_clip knows no architecture {architecture!r}: give one of "
            f"{', '.join(sorted({name for name, _ in open_clip.list_pretrained()}))}"
        )
    if not open_clip.get_pretrained_cfg(architecture, tag):
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none"
        raise EncoderUnavailableError(
            f"{architecture} has no pretrained weights {tag!r}: known tags are {tags}. "
            "For weights of your own, name a checkpoint folder instead"
        )


def _architecture(source: Source) -> dict[str, Any]:
    """Return open_clip's configuration of the towers: equal weights can be used differently."""
    if source.checkpoint is None:
        tag = open_clip.get_pretrained_cfg(source.architecture, source.pretrained)
        activation = {"quick_gelu": True} if tag.get("quick_gelu") else {}
        return open_clip.get_model_config(source.architecture) | activation
    config = json.loads((source.checkpoint / "open_clip_config.json").read_text())
    return config["model_cfg"]


def _require_packages(source: Source, architecture: dict[str, Any]) -> None:
    """Raise `EncoderUnavailableError` if a package that reads the model is not installed."""
    is_needed = uses_transformers(architecture, has_tokenizer=_tokenizer_facts(source) is not None)
    if is_needed and find_spec("transformers") is None:
        raise EncoderUnavailableError(
            f"{source} needs the package transformers, which is not installed: "
            "pip install '.[transformers]'"
        )


def uses_transformers(architecture: dict[str, Any], *, has_tokenizer: bool = False) -> bool:
    """Return whether the text tower, or a tokenizer not converted yet, needs transformers."""
    text = architecture["text_cfg"]
    return "hf_model_name" in text or ("hf_tokenizer_name" in text and not has_tokenizer)


def _tokenizer_facts(source: Source) -> dict[str, Any] | None:
    """Return the facts about the tokenizer's file in one of our own checkpoints, if any."""
    if source.checkpoint is None:
        return None
    config = json.loads((source.checkpoint / "open_clip_config.json").read_text())
    return config.get("tokenizer")


def _local_options(source: Source) -> dict[str, Any]:
    return {"model_name": f"local-dir:{source.checkpoint}"}


def _hub_options(source: Source) -> dict[str, Any]:
    """Return open_clip's options for a tag, with its files downloaded or from the cache."""
    config = open_clip.get_pretrained_cfg(source.architecture, source.pretrained)
    text = open_clip.get_model_config(source.architecture)["text_cfg"]
    options = {}
    if tower := text.get("hf_model_name"):
        # open_clip would request its configuration from the hub each time.
        folder = Path(hub.file(tower, "config.json", settings.MODEL_CACHE_DIR)).parent
        options["text_cfg"] = text | {"hf_model_name": str(folder), "hf_model_pretrained": False}
    return {
        "model_name": source.architecture,
        "pretrained": hub.weights(config, settings.MODEL_CACHE_DIR),
        "image_mean": config["mean"],
        "image_std": config["std"],
        "image_interpolation": config["interpolation"],
        "image_resize_mode": config["resize_mode"],
        # The architecture of the same name often has GELU, and open_clip only warns about it.
        "force_quick_gelu": config.get("quick_gelu", False),
        **options,
    }


def _tokenizer(source: Source, model: Any) -> Tokenizer:
    """Return the tokenizer that a local checkpoint has a file of, else open_clip's, converted."""
    if source.checkpoint is None:
        return from_open_clip.convert(_hub_tokenizer(source.architecture))
    facts = _tokenizer_facts(source)
    file = tokenizers.FILES[tokenizers.WORDS]
    if facts is None and (source.checkpoint / file).is_file():
        facts = {"kind": tokenizers.WORDS, "context_length": model.context_length}
    if facts is None:
        return from_open_clip.convert(open_clip.get_tokenizer(f"local-dir:{source.checkpoint}"))
    tokenizer = read_tokenizer(source.checkpoint, facts)
    if facts["kind"] == tokenizers.WORDS and tokenizer.vocab_size != model.vocab_size:
        raise ValueError(
            f"{file} makes {tokenizer.vocab_size} tokens, the weights have {model.vocab_size}"
        )
    return tokenizer


def _hub_tokenizer(architecture: str) -> Any:
    text = open_clip.get_model_config(architecture)["text_cfg"]
    repository = text.get("hf_tokenizer_name")
    if repository is None:
        return open_clip.get_tokenizer(architecture)
    # From a folder: with the repository's name, open_clip would send a request each time.
    folder = hub.folder(repository, "tokenizer.json", _TOKENIZER_FILES, settings.MODEL_CACHE_DIR)
    return open_clip.tokenizer.HFTokenizer(
        str(folder),
        context_length=text.get("context_length", open_clip.tokenizer.DEFAULT_CONTEXT_LENGTH),
        tokenizer_mode=text.get("tokenizer_mode"),
        **text.get("tokenizer_kwargs", {}),
    )


class OpenClipEncoder:
    """An `Encoder` over one open_clip model, on the CPU, in fp32. Safe to share among threads."""

    def __init__(
        self,
        name: str,
        model: Any,
        preprocess: Callable[[Image.Image], torch.Tensor],
        tokenizer: Tokenizer,
        architecture: dict[str, Any],
    ) -> None:
        self.name = name
        self.architecture = architecture
        self.model = model.float().eval().requires_grad_(False)
        self.preprocess = preprocess
        self.tokenizer = tokenizer
        self.context_length = int(tokenizer.context_length)
        self.batch_size = settings.EMBED_BATCH_SIZE
        self.fingerprint = self._fingerprint()
        self.dim = self.encode_texts(["a picture"]).shape[1]

    def prepare(self, image: Image.Image) -> torch.Tensor:
        """Return the model's input for one picture: (3, height, width), float32."""
        # Palette pictures must be RGB before they are resized.
        return self.preprocess(image.convert("RGB"))

    def encode_images(self, images: Sequence[Image.Image | torch.Tensor]) -> np.ndarray:
        """Return one unit vector a picture, prepared or not: (n, dim), float32."""
        return self._encode(
            images,
            lambda batch: self.model.encode_image(
                torch.stack([i if isinstance(i, torch.Tensor) else self.prepare(i) for i in batch])
            ),
        )

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (n, dim), float32. Texts too long are cut at the end."""
        return self._encode(
            texts, lambda batch: encode_tokens(self.model, torch.as_tensor(self.tokenizer(batch)))
        )

    def unknown_words(self, text: str) -> list[str]:
        """Return the words unknown to the model; byte pairs cover all words."""
        return self.tokenizer.unknown_words(text)

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text`, start and end included, before any cut."""
        return self.tokenizer.count_tokens(text)

    def towers(self) -> dict[str, ExportableTower]:
        """Return both towers. Raises `TypeError` for a model that is no CLIP."""
        return {
            "text": exportable_towers.exportable_texts(self.model, self.context_length),
            "image": exportable_towers.exportable_pictures(self.model),
        }

    def _encode(self, items: Sequence[Any], forward: Callable[[Any], torch.Tensor]) -> np.ndarray:
        with torch.inference_mode():
            parts = [
                torch.nn.functional.normalize(forward(batch).float(), dim=-1).numpy()
                for batch in _batches(items, self.batch_size)
            ]
        return np.concatenate(parts) if parts else np.empty((0, self.dim), np.float32)

    def _fingerprint(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for name, tensor in sorted(self.model.state_dict().items()):
            digest.update(f"{name} {tuple(tensor.shape)}".encode())
            digest.update(memoryview(tensor.contiguous().numpy()).cast("B"))
        for config in (self.architecture, open_clip.get_model_preprocess_cfg(self.model)):
            digest.update(json.dumps(config, sort_keys=True).encode())
        digest.update(self.tokenizer.fingerprint().encode())
        return digest.hexdigest()


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def encode_tokens(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    """Encode (n, context) token ids, computing positions only up to the last end token.

    In a causal tower no position depends on a later one, so a cut after the end token is exact,
    and a short query takes a third of the time. open_clip always computes all positions.
    """
    causal = isinstance(model, open_clip.CLIP) and model.attn_mask is not None
    if not causal or model.text_pool_type != "argmax":
        return model.encode_text(tokens)
    length = int(tokens.argmax(dim=-1).max()) + 1
    x = model.token_embedding(tokens[:, :length]) + model.positional_embedding[:length]
    x = model.ln_final(model.transformer(x, attn_mask=model.attn_mask[:length, :length]))
    pooled = x[torch.arange(len(x)), tokens.argmax(dim=-1)]
    projection = model.text_projection
    if projection is None:
        return pooled
    return projection(pooled) if isinstance(projection, torch.nn.Linear) else pooled @ projection

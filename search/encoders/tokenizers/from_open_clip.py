"""Convert open_clip's tokenizers, so that they can be saved and run without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from search.encoders.tokenizers import subword
from search.encoders.tokenizers.subword import Options, SubwordTokenizer
from search.encoders.torchvision_shim import ensure_torchvision

ensure_torchvision()
import open_clip  # noqa: E402 - imports torchvision, which the line above makes importable

_CLEANINGS = {open_clip.tokenizer.get_clean_fn(name): name for name in ("lower", "whitespace")}
_CLEANINGS[open_clip.tokenizer.get_clean_fn("canonicalize")] = "canonicalize"


def convert(theirs: Any) -> SubwordTokenizer:
    """Return the tokenizer that gives the ids of `theirs`. Raises `TypeError` for unknown kinds."""
    if isinstance(theirs, open_clip.tokenizer.HFTokenizer):
        return _of_hugging_face(theirs)
    is_clips = isinstance(theirs, open_clip.SimpleTokenizer) and len(theirs.all_special_ids) == 2
    if not is_clips or theirs.reduction_fn is not None:
        raise TypeError(f"its tokenizer {type(theirs).__name__} draws words or adds tokens")
    vocabulary = Path(open_clip.tokenizer.default_bpe())
    return subword.from_clip_merges(vocabulary, theirs.context_length, _CLEANINGS[theirs.clean_fn])


def _of_hugging_face(theirs: open_clip.tokenizer.HFTokenizer) -> SubwordTokenizer:
    wrapped, length = theirs.tokenizer, theirs.context_length
    backend = getattr(wrapped, "backend_tokenizer", None)
    if backend is None:
        raise TypeError(f"its tokenizer {type(wrapped).__name__} has no tokenizer.json")
    rules = Tokenizer.from_str(backend.to_str())
    closes = theirs.tokenizer_mode == "clips"
    padding = {
        "length": length,
        "pad_id": wrapped.pad_token_id,
        "pad_token": wrapped.pad_token,
        "direction": wrapped.padding_side,
    }
    if closes:  # start, text, end, padding, class token, whatever the tokenizer itself adds
        subword.add_boundary_tokens(rules, wrapped.bos_token, wrapped.eos_token)
        padding |= {"length": length - 1, "direction": "right"}
    rules.enable_truncation(
        padding["length"], direction="right" if closes else wrapped.truncation_side
    )
    rules.enable_padding(**padding)
    options = Options(
        cleaning=_CLEANINGS[theirs.clean_fn],
        zeroed_id=wrapped.sep_token_id if theirs.strip_sep_token else None,
        closing_id=wrapped.cls_token_id if closes else None,
        identity=f"{type(theirs).__name__} {length}",
    )
    return SubwordTokenizer(rules, options)

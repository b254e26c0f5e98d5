"""Tokenizers on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from search.encoders.tokenizers import BYTE_PAIRS, FILES, SUBWORDS, WORD_PIECES, WORDS, subword
from search.encoders.tokenizers.subword import Options, SubwordTokenizer
from search.encoders.tokenizers.word import WordTokenizer

Tokenizer = WordTokenizer | SubwordTokenizer


def write_tokenizer(tokenizer: Tokenizer, folder: Path) -> dict[str, Any]:
    """Write the file of `tokenizer` to `folder`; return the facts that `read_tokenizer` needs."""
    kind = WORDS if isinstance(tokenizer, WordTokenizer) else SUBWORDS
    tokenizer.save(folder / FILES[kind])
    facts = {"kind": kind, "context_length": tokenizer.context_length}
    return facts if isinstance(tokenizer, WordTokenizer) else facts | asdict(tokenizer.options)


def read_tokenizer(folder: Path, facts: Mapping[str, Any]) -> Tokenizer:
    """Return the tokenizer that `write_tokenizer` put into `folder`.

    Raises `OSError`, `KeyError`, `TypeError` or `ValueError` for files that are not whole.
    """
    named = dict(facts)
    kind, context_length = named.pop("kind"), int(named.pop("context_length"))
    path = folder / FILES[kind]
    if kind == WORDS:
        return WordTokenizer.load(path, context_length)
    if kind == BYTE_PAIRS:
        return subword.from_clip_merges(path, context_length)
    if kind == WORD_PIECES:
        return subword.from_bert_vocabulary(path, context_length)
    return SubwordTokenizer.load(path, Options(**named))

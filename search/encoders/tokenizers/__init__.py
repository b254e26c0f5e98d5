"""Tokenizers: texts to the ids of whole words or of sub-words. Needs no torch.

A tokenizer is a file beside a model's weights and a dictionary of facts, which the model's own
description holds: `export.json` of an export, `open_clip_config.json` of a checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from search.encoders.tokenizers import subword
from search.encoders.tokenizers.subword import Options, SubwordTokenizer
from search.encoders.tokenizers.word import WordTokenizer

WORDS, SUBWORDS = "words", "sub-words"
# Written by version 0.1.0, whose exports remain usable.
BYTE_PAIRS, WORD_PIECES = "byte pairs", "word pieces"
FILES = {
    WORDS: "vocab.json",
    SUBWORDS: "tokenizer.json",
    BYTE_PAIRS: "bpe_simple_vocab_16e6.txt.gz",
    WORD_PIECES: "vocab.txt",
}
Tokenizer = WordTokenizer | SubwordTokenizer


def write(tokenizer: Tokenizer, folder: Path) -> dict[str, Any]:
    """Write the file of `tokenizer` to `folder`; return the facts that `read` needs beside it."""
    kind = WORDS if isinstance(tokenizer, WordTokenizer) else SUBWORDS
    tokenizer.save(folder / FILES[kind])
    facts = {"kind": kind, "context_length": tokenizer.context_length}
    return facts if isinstance(tokenizer, WordTokenizer) else facts | asdict(tokenizer.options)


def read(folder: Path, facts: Mapping[str, Any]) -> Tokenizer:
    """Return the tokenizer that `write` put into `folder`.

    Raises `OSError`, `KeyError`, `TypeError` or `ValueError` for damaged files.
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

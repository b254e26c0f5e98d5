"""BERT's uncased WordPiece tokenizer without the `tokenizers` package.

It reads a model's `vocab.txt` and gives the ids that Hugging Face's `BertTokenizer` gives. One
difference is meant: "[SEP]" typed by a visitor is text like any other.
"""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

START, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_LONGEST = 100  # characters; a longer word is unknown
# The blocks that BERT calls Chinese: each character is a word of its own.
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def words_of(text: str) -> list[str]:
    """Split `text` to lower-case words without accents; punctuation and ideographs stand alone."""
    spaced = "".join(map(_spaced, text))
    plain = "".join(c for c in unicodedata.normalize("NFD", spaced) if not _is_mark(c)).lower()
    return "".join(f" {c} " if _is_punctuation(c) else c for c in plain).split()


def _spaced(char: str) -> str:
    if char.isspace():
        return " "
    if char == "\ufffd" or unicodedata.category(char).startswith("C"):
        return ""
    return f" {char} " if any(a <= ord(char) <= z for a, z in _IDEOGRAPHS) else char


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) == "Mn"


def _is_punctuation(char: str) -> bool:
    is_ascii_symbol = char.isascii() and char.isprintable() and not (char.isalnum() or char == " ")
    return is_ascii_symbol or unicodedata.category(char).startswith("P")


class WordPieceTokenizer:
    """Texts to a BERT's ids. Safe to share among threads."""

    def __init__(self, path: Path, context_length: int) -> None:
        self.path = path
        self.context_length = context_length
        lines = path.read_text("utf-8").splitlines()
        self._ids = {token: number for number, token in enumerate(lines)}
        self.start, self.end, self.unknown = (self._ids[t] for t in (START, END, UNKNOWN))
        # Bounded: visitors type what they like, and a web process lives for weeks.
        self._pieces = lru_cache(maxsize=20_000)(lambda word: list(self._split(word)))

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`, without start and end."""
        return [number for word in words_of(text) for number in self._pieces(word)]

    def unknown_words(self, text: str) -> list[str]:
        """Return no words: pieces make up nearly all."""
        return []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Return (1, length) int64 of one text: start, pieces, end; a long one is cut.

        One at a time, so that no text is padded and attention needs no mask.
        """
        (text,) = texts
        return np.array([[self.start, *self.encode(text)[: self.context_length - 2], self.end]])

    def fingerprint(self) -> str:
        """Return a hash over what decides the ids of a text."""
        seen = f"{self.context_length}\n".encode() + self.path.read_bytes()
        return hashlib.blake2b(seen, digest_size=16).hexdigest()

    def save(self, path: Path) -> None:
        """Write the vocabulary."""
        shutil.copyfile(self.path, path)

    def _split(self, word: str) -> Iterator[int]:
        """Yield the longest pieces that make up `word` from its beginning."""
        pieces, rest, prefix = [], word, ""
        while rest:
            longest = min(len(rest), _LONGEST)
            ends = (n for n in range(longest, 0, -1) if prefix + rest[:n] in self._ids)
            end = next(ends, None)
            if end is None or len(word) > _LONGEST:
                yield self.unknown
                return
            pieces.append(self._ids[prefix + rest[:end]])
            rest, prefix = rest[end:], "##"
        yield from pieces

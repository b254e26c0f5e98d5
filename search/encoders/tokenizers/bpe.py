"""CLIP's byte-pair tokenizer without torch, which open_clip's own module imports.

It reads open_clip's vocabulary file and gives the ids that `open_clip.SimpleTokenizer` gives,
quirks included ("<end_of_text>" typed by a visitor is that token): the tests compare the two.
"""

from __future__ import annotations

import gzip
import html
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import ftfy
import numpy as np
import regex

START, END = "<start_of_text>", "<end_of_text>"
_MERGES = 49152 - 256 - 2  # the file has more lines than OpenAI's vocabulary uses
# Merging takes the square of a word's length, and no context holds this many bytes of one word.
_LONGEST = 1000
_PATTERN = regex.compile(
    rf"{START}|{END}|'s|'t|'re|'ve|'m|'ll|'d|[\p{{L}}]+|[\p{{N}}]|[^\s\p{{L}}\p{{N}}]+",
    regex.IGNORECASE,
)


def clean(text: str) -> str:
    """Mend the encoding, resolve entities, fold white space, lower the case."""
    text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    return " ".join(text.split()).lower()


def _byte_symbols() -> dict[int, str]:
    """Return a printable character for each byte, in the order of the vocabulary."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = sorted(set(range(256)) - set(printable))
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(256 + number) for number, byte in enumerate(others)
    }


class BytePairTokenizer:
    """Texts to CLIP's ids. Safe to share among threads."""

    def __init__(self, merges: Iterable[tuple[str, str]], context_length: int) -> None:
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._symbols = _byte_symbols()
        tokens = [*self._symbols.values(), *(f"{symbol}</w>" for symbol in self._symbols.values())]
        tokens += ["".join(pair) for pair in self._ranks]
        tokens += [START, END]
        self._ids = {token: number for number, token in enumerate(tokens)}
        self.vocab_size = len(tokens)
        self.context_length = context_length
        # Bounded: visitors type what they like, and a web process lives for weeks.
        self._word_ids = lru_cache(maxsize=20_000)(self._merge)

    @classmethod
    def load(cls, path: Path, context_length: int) -> BytePairTokenizer:
        """Read `bpe_simple_vocab_16e6.txt.gz`: a header line, then one pair a line."""
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
        pairs = [line.split() for line in lines[1 : _MERGES + 1]]
        return cls([(first, second) for first, second in pairs], context_length)

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`, without start and end."""
        words = _PATTERN.findall(clean(text))
        return [number for word in words for number in self._word_ids(word)]

    def unknown_words(self, text: str) -> list[str]:
        """Return nothing: bytes spell every word."""
        return []

    def __call__(self, texts: Iterable[str]) -> np.ndarray:
        """Return (n, context_length) int64: start, text, end, zeros; long texts are cut."""
        rows = [self.encode(text)[: self.context_length - 2] for text in texts]
        ids = np.zeros((len(rows), self.context_length), np.int64)
        for row, words in zip(ids, rows, strict=True):
            row[: len(words) + 2] = [self._ids[START], *words, self._ids[END]]
        return ids

    def _merge(self, word: str) -> tuple[int, ...]:
        if word in (START, END):
            return (self._ids[word],)
        parts = [self._symbols[byte] for byte in word.encode("utf-8")[:_LONGEST]]
        parts[-1] += "</w>"
        while len(parts) > 1:
            pairs = set(pairwise(parts))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            parts = _joined(parts, best)
        return tuple(self._ids[part] for part in parts)


def _joined(parts: list[str], pair: tuple[str, str]) -> list[str]:
    """Return `parts` with each occurrence of `pair` joined, from the left."""
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return joined

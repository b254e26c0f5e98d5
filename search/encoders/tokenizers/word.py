"""A word-level tokenizer for small models: one id a word, and unknown words are reported.

CLIP's byte-pair vocabulary alone would take 9.5 M parameters at width 192, twice the whole demo
model. Needs no torch.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

PAD, START, UNKNOWN = "<pad>", "<start>", "<unk>"
END = "<end>"
_WORD = re.compile(r"[a-z0-9]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s?\b")


def words_of(text: str) -> list[str]:
    """Split `text` to lower-case words, without accents, punctuation or possessives."""
    plain = _POSSESSIVE.sub("", text.lower())
    decomposed = unicodedata.normalize("NFKD", plain)
    return _WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


def _stems(word: str) -> Iterator[str]:
    """Yield plainer forms of `word`, best first: "ponies" -> "pony", "snowy" -> "snow"."""
    if word.endswith("ies"):
        yield word[:-3] + "y"
    for suffix in ("s", "es", "y", "ing", "ed", "ly"):
        stem = word.removesuffix(suffix)
        if stem == word or len(stem) < 3:
            continue
        yield stem
        if suffix in ("ing", "ed"):
            yield stem + "e"
        if suffix in ("y", "ing", "ed") and stem[-1] == stem[-2]:
            yield stem[:-1]  # "sunny" -> "sun"


class WordTokenizer:
    """Words to ids through a fixed list; `<end>` has the highest id, as argmax pooling needs."""

    def __init__(self, words: Sequence[str], context_length: int) -> None:
        self.words = tuple(words)
        self.context_length = context_length
        tokens = (PAD, START, UNKNOWN, *self.words, END)
        self._ids = {token: number for number, token in enumerate(tokens)}
        if len(self._ids) != len(tokens):
            raise ValueError("the vocabulary repeats a word")
        self.vocab_size = len(tokens)
        self.unknown_id = self._ids[UNKNOWN]

    @classmethod
    def load(cls, path: Path, context_length: int) -> WordTokenizer:
        """Read `vocab.json`: {"words": [...]}, in the order of their ids."""
        return cls(json.loads(path.read_text("utf-8"))["words"], context_length)

    def save(self, path: Path) -> None:
        """Write `vocab.json`, one word a line so that changes can be read."""
        path.write_text(json.dumps({"words": self.words}, indent=0) + "\n", "utf-8")

    def fingerprint(self) -> str:
        """Return a hash of the context length and the words."""
        content = json.dumps([self.context_length, self.words])
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    def _id(self, word: str) -> int:
        for form in (word, *_stems(word)):
            if (number := self._ids.get(form)) is not None:
                return number
        return self.unknown_id

    def encode(self, text: str) -> list[int]:
        """Return the ids of the words of `text`, without start and end."""
        return [self._id(word) for word in words_of(text)]

    def unknown_words(self, text: str) -> list[str]:
        """Return the words of `text` without an id, each once, in order."""
        return list(dict.fromkeys(w for w in words_of(text) if self._id(w) == self.unknown_id))

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text`, start and end included, before any cut."""
        return len(self.encode(text)) + 2

    def __call__(self, texts: Iterable[str]) -> np.ndarray:
        """Return (n, context_length) int64: start, words, end, padding; long texts are cut."""
        rows = [self.encode(text)[: self.context_length - 2] for text in texts]
        ids = np.full((len(rows), self.context_length), self._ids[PAD], np.int64)
        for row, words in zip(ids, rows, strict=True):
            row[: len(words) + 2] = [self._ids[START], *words, self._ids[END]]
        return ids

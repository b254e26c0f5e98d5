"""Sub-word tokenizers (byte pairs, word pieces, SentencePiece), run by the library `tokenizers`.

A `tokenizer.json` holds vocabulary, special tokens, length and padding; `Options` hold what that
format cannot express. Needs neither torch nor transformers.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE, WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, ByteLevel
from tokenizers.processors import TemplateProcessing

from search.encoders.tokenizers.cleaning import CLEANERS

START, END = "<start_of_text>", "<end_of_text>"
UNKNOWN = "[UNK]"
CLIP_MERGES = 49152 - 256 - 2  # the file has more lines than OpenAI's vocabulary uses
# CLIP splits texts here, not in the tokenizer.json: the library's tables of letters are those of
# another version of Unicode, and a rare script would get other ids than it was trained with.
_CLIP_PIECES = regex.compile(
    rf"{START}|{END}|'s|'t|'re|'ve|'m|'ll|'d|[\p{{L}}]+|[\p{{N}}]|[^\s\p{{L}}\p{{N}}]+",
    regex.IGNORECASE,
)


@dataclass(frozen=True)
class Options:
    """The options that a `tokenizer.json` cannot express.

    `cleaning` names one of `CLEANERS`. `splits_as_clip` splits texts by CLIP's pattern first.
    `zeroed_id` becomes 0 wherever it stands (CLIPA's separator). `closing_id` is added after the
    padding (the class token of CLIPS). `identity` is the tokenizer's part of a model's fingerprint.
    """

    cleaning: str = "none"
    splits_as_clip: bool = False
    zeroed_id: int | None = None
    closing_id: int | None = None
    identity: str = ""


class SubwordTokenizer:
    """Texts to ids. Safe to share among threads."""

    def __init__(self, rules: Tokenizer, options: Options) -> None:
        """Keep `rules`, which state the length that texts are cut to, and the padding if any."""
        if rules.truncation is None:
            raise ValueError("the tokenizer states no length that texts are cut to")
        self.options = options
        self._clean = CLEANERS[options.cleaning]
        self._truncation, self._padding = rules.truncation, rules.padding
        # The library would cut and pad each text, and tokens could no longer be counted.
        self._rules = rules
        self._rules.no_truncation()
        self._rules.no_padding()
        self._before, self._after = _special_ids(self._rules)
        self._closing = [] if options.closing_id is None else [options.closing_id]
        self.context_length = int(self._truncation["max_length"]) + len(self._closing)
        self.vocab_size = self._rules.get_vocab_size()

    @classmethod
    def load(cls, path: Path, options: Options) -> SubwordTokenizer:
        """Read a `tokenizer.json` that `save` wrote. Raises `ValueError` for what is none."""
        text = path.read_text("utf-8")
        try:
            rules = Tokenizer.from_str(text)
        except Exception as error:  # the library raises no narrower class
            raise ValueError(f"{path.name} is no tokenizer: {error}") from error
        return cls(rules, options)

    def save(self, path: Path) -> None:
        """Write `tokenizer.json`, the length and the padding included."""
        rules = Tokenizer.from_str(self._rules.to_str())
        rules.enable_truncation(**self._truncation)
        if self._padding is not None:
            rules.enable_padding(**self._padding)
        path.write_text(rules.to_str(), "utf-8")

    def fingerprint(self) -> str:
        """Return the tokenizer's part of a model's fingerprint."""
        return self.options.identity

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`, before any cut, without the tokens added to each text."""
        cleaned = self._clean(text)
        if self.options.splits_as_clip:
            pieces = _CLIP_PIECES.findall(cleaned)
            return self._rules.encode(pieces, is_pretokenized=True, add_special_tokens=False).ids
        return self._rules.encode(cleaned, add_special_tokens=False).ids

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text` before any cut, those added to each text included."""
        added = len(self._before) + len(self._after) + len(self._closing)
        return len(self.encode(text)) + added

    def unknown_words(self, text: str) -> list[str]:
        """Return an empty list: sub-words cover every word, or nearly."""
        return []

    def __call__(self, texts: Iterable[str]) -> np.ndarray:
        """Return (n, context) int64, padded; long texts are cut.

        Without padding in the rules, texts must be of one length: (n, length).
        """
        ids = np.array([self._row(text) for text in texts], np.int64)
        if self.options.zeroed_id is not None:
            ids[ids == self.options.zeroed_id] = 0
        return ids

    def _row(self, text: str) -> list[int]:
        room = self._truncation["max_length"] - len(self._before) - len(self._after)
        ids = self.encode(text)
        fitting = ids[:room] if self._truncation["direction"] == "right" else ids[-room:]
        row = [*self._before, *fitting, *self._after]
        if self._padding is not None:
            pads = [self._padding["pad_id"]] * (self._padding["length"] - len(row))
            row = row + pads if self._padding["direction"] == "right" else pads + row
        return row + self._closing


def _special_ids(rules: Tokenizer) -> tuple[list[int], list[int]]:
    """Return the special ids before and after each text."""
    probe = rules.encode("a")
    is_special = list(probe.special_tokens_mask)
    if 0 not in is_special:
        raise ValueError("the tokenizer has no token for the letter a")
    first = is_special.index(0)
    last = len(is_special) - is_special[::-1].index(0)
    return probe.ids[:first], probe.ids[last:]


def add_boundary_tokens(rules: Tokenizer, start: str, end: str) -> None:
    """Make `rules` add the token `start` before each text and `end` after it."""
    ids = [(token, rules.token_to_id(token)) for token in (start, end)]
    for token, number in ids:
        if number is None:
            raise ValueError(f"the vocabulary has no {token}")
    rules.post_processor = TemplateProcessing(single=f"{start} $A {end}", special_tokens=ids)


def from_clip_merges(path: Path, context_length: int, cleaning: str = "lower") -> SubwordTokenizer:
    """Build CLIP's byte pairs from open_clip's `bpe_simple_vocab_16e6.txt.gz`.

    The ids are those of `open_clip.SimpleTokenizer`, quirks included: "<end_of_text>" typed by a
    visitor is that token.
    """
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    merges = [(first, second) for first, second in map(str.split, lines[1 : CLIP_MERGES + 1])]
    symbols = sorted(ByteLevel.alphabet())
    tokens = [*symbols, *(f"{symbol}</w>" for symbol in symbols), *map("".join, merges), START, END]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    rules = Tokenizer(BPE(vocabulary, merges, end_of_word_suffix="</w>"))
    rules.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in (START, END)])
    rules.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    add_boundary_tokens(rules, START, END)
    rules.enable_truncation(context_length)
    rules.enable_padding(length=context_length, pad_id=0, pad_token=symbols[0])
    identity = f"SimpleTokenizer {context_length}"
    return SubwordTokenizer(rules, Options(cleaning, splits_as_clip=True, identity=identity))


def from_bert_vocabulary(path: Path, context_length: int) -> SubwordTokenizer:
    """Build an uncased BERT's word pieces from its `vocab.txt`, one token a line; never padded.

    The ids are those of Hugging Face's `BertTokenizer`, but "[SEP]" typed by a visitor is text like
    any other.
    """
    with path.open(encoding="utf-8") as lines:
        vocabulary = {line.rstrip("\n"): number for number, line in enumerate(lines)}
    if UNKNOWN not in vocabulary:
        raise ValueError(f"the vocabulary has no {UNKNOWN}")
    rules = Tokenizer(WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100))
    rules.normalizer = BertNormalizer(lowercase=True)
    rules.pre_tokenizer = BertPreTokenizer()
    add_boundary_tokens(rules, "[CLS]", "[SEP]")
    rules.enable_truncation(context_length)
    content = f"{context_length}\n".encode() + path.read_bytes()
    identity = hashlib.blake2b(content, digest_size=16).hexdigest()
    return SubwordTokenizer(rules, Options(identity=identity))

"""Which text a picture is trained with: drawn anew at each step, fixed in evaluation.

CLIP reads well under its 77 tokens, and a museum's description says most of what is seen in one
sentence and much else in the others: drawn sentences teach more than the start of the whole text.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.embeddings.passages import passages
from training.datasets import Item

# Shares of the draws, as far as a picture has texts of the kind; the others share the rest.
SHARES = {"window": 40, "first": 20, "alt": 15, "title": 15, "facts": 10}
FACT_KEPT = 0.6  # chance of each fact of the catalogue to be named
# Sentences on where a work came from or may be copied say nothing of what it shows.
_PROVENANCE = re.compile(
    r"\b(provenance|gift of|bequest|bequeathed|purchased (by|from)|acquired (by|from)|donated|"
    r"sold (at|to|by)|by descent|accession(ed)?|copyright|©|all rights reserved|"
    r"on (long-term )?loan)\b",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"^(an? )?(work|image|picture|photo(graph)?) (made )?of [\w\s,-]{0,60}\.?$", re.IGNORECASE
)
_BLOCK = re.compile(r"</?(?:p|br|div|li|ul|ol|h\d|table|tr|td)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Said:
    """What may be drawn for one picture, by kind; a kind without texts is empty."""

    windows: tuple[str, ...]
    first: str
    alt_texts: tuple[str, ...]
    title: str
    facts: tuple[str, ...]


def plain(text: str) -> str:
    """Return `text` without tags and runs of white space."""
    return " ".join(html.unescape(_TAG.sub("", _BLOCK.sub(" ", text))).split())


def said(item: Item, fits: Callable[[str], bool]) -> Said:
    """Cut and clean the texts of `item`; `fits` tells whether a text is within the context."""
    windows: list[str] = []
    firsts: list[str] = []
    for caption in map(plain, item.captions):
        sentences = [p.text for p in passages(caption, lambda sentence: True, 1)]
        kept = [sentence for sentence in sentences if not _PROVENANCE.search(sentence)]
        if kept:
            firsts.append(passages(kept[0], fits, 1)[0].text)
            windows += [p.text for p in passages(" ".join(kept), fits)]
    alt_texts = tuple(t for t in map(plain, item.alt_texts) if not _BOILERPLATE.match(t))
    by = f"{item.title} by {item.artist}" if item.artist else item.title
    return Said(tuple(windows), next(iter(firsts), ""), alt_texts, by if item.title else "",
                item.facts)  # fmt: skip


def draw(texts: Said, rng: random.Random) -> str:
    """Draw one text by the recipe's shares. Raises `ValueError` where there is none at all."""
    there = {
        "window": texts.windows,
        "first": texts.first,
        "alt": texts.alt_texts,
        "title": texts.title,
        "facts": texts.facts,
    }
    kinds = [kind for kind, value in there.items() if value]
    if not kinds:
        raise ValueError("there is nothing to say of this picture")
    kind = rng.choices(kinds, [SHARES[kind] for kind in kinds])[0]
    if kind == "window":
        return rng.choice(texts.windows)
    if kind == "alt":
        return rng.choice(texts.alt_texts)
    if kind == "facts":
        kept = [fact for fact in texts.facts if rng.random() < FACT_KEPT]
        return ", ".join(kept or [rng.choice(texts.facts)])
    return texts.first if kind == "first" else texts.title


def fixed(texts: Said) -> str:
    """Return the text that stands for the picture in validation: its description's first sentence,
    or what else there is; empty where there is nothing."""
    alt = next(iter(texts.alt_texts), "")
    return texts.first or alt or texts.title or ", ".join(texts.facts)


class Drawn:
    """Texts for rows of a dataset, drawn by seed, epoch and row alone: nothing to remember."""

    def __init__(self, items: Sequence[Item], fits: Callable[[str], bool], seed: int) -> None:
        self._items, self._fits, self._seed = items, fits, seed
        self._said: dict[int, Said] = {}

    def said(self, row: int) -> Said:
        """Return what may be said of `row`, cut once."""
        if row not in self._said:
            self._said[row] = said(self._items[row], self._fits)
        return self._said[row]

    def text(self, row: int, epoch: int) -> str:
        """Draw the text of `row` in `epoch`; always the same one."""
        key = self._items[row].key
        return draw(self.said(row), random.Random(f"{self._seed}|{epoch}|{key}"))

    def fixed(self, row: int) -> str:
        """Return the text that stands for `row` in validation."""
        return fixed(self.said(row))

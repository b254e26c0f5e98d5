"""Which text a picture is trained with: drawn anew at each step, the same one in validation.

CLIP reads well under its 77 tokens. One sentence of a museum's description says most of what the
picture shows, and the others add much, so drawn sentences teach more than the start of the text.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.embeddings.passages import passages
from training.datasets.dataset import Item

# How often each kind of text is drawn, as far as a picture has it; the other kinds take the rest.
KIND_WEIGHTS = {"window": 40, "first": 20, "alt": 15, "title": 15, "facts": 10}
FACT_PROBABILITY = 0.6  # that a text of facts includes a given fact
# Sentences on where a work came from or who may copy it do not describe what it shows.
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
class ItemTexts:
    """The texts that may be drawn for one picture, by kind; a kind without texts is empty."""

    windows: tuple[str, ...]
    first: str
    alt_texts: tuple[str, ...]
    title: str
    facts: tuple[str, ...]


def plain(text: str) -> str:
    """Return `text` without tags and runs of white space."""
    return " ".join(html.unescape(_TAG.sub("", _BLOCK.sub(" ", text))).split())


def item_texts(item: Item, fits: Callable[[str], bool]) -> ItemTexts:
    """Clean the texts of `item` and cut them; `fits` returns whether a text is within the
    context."""
    windows: list[str] = []
    firsts: list[str] = []
    for caption in map(plain, item.captions):
        sentences = [p.text for p in passages(caption, lambda sentence: True, 1)]
        visual = [sentence for sentence in sentences if not _PROVENANCE.search(sentence)]
        if visual:
            firsts.append(passages(visual[0], fits, 1)[0].text)
            windows += [p.text for p in passages(" ".join(visual), fits)]
    alt_texts = tuple(t for t in map(plain, item.alt_texts) if not _BOILERPLATE.match(t))
    title = f"{item.title} by {item.artist}" if item.title and item.artist else item.title
    return ItemTexts(tuple(windows), next(iter(firsts), ""), alt_texts, title, item.facts)


def draw(texts: ItemTexts, rng: random.Random) -> str:
    """Draw one text by `KIND_WEIGHTS`. Raises `ValueError` if there is none."""
    by_kind = {
        "window": texts.windows,
        "first": texts.first,
        "alt": texts.alt_texts,
        "title": texts.title,
        "facts": texts.facts,
    }
    kinds = [kind for kind, value in by_kind.items() if value]
    if not kinds:
        raise ValueError("this picture has no text")
    kind = rng.choices(kinds, [KIND_WEIGHTS[kind] for kind in kinds])[0]
    if kind == "window":
        return rng.choice(texts.windows)
    if kind == "alt":
        return rng.choice(texts.alt_texts)
    if kind == "facts":
        facts = [fact for fact in texts.facts if rng.random() < FACT_PROBABILITY]
        return ", ".join(facts or [rng.choice(texts.facts)])
    return texts.first if kind == "first" else texts.title


def validation_caption(texts: ItemTexts) -> str:
    """Return the text that represents the picture in validation: its description's first sentence,
    or else an alt text, the title or the facts; empty if there is no text."""
    alt = next(iter(texts.alt_texts), "")
    return texts.first or alt or texts.title or ", ".join(texts.facts)


class CaptionSampler:
    """Texts for the rows of a dataset, drawn by seed, epoch and row alone, without any state."""

    def __init__(self, items: Sequence[Item], fits: Callable[[str], bool], seed: int) -> None:
        self._items, self._fits, self._seed = items, fits, seed
        self._texts: dict[int, ItemTexts] = {}

    def item_texts(self, row: int) -> ItemTexts:
        """Return the texts of `row`; they are cut once."""
        if row not in self._texts:
            self._texts[row] = item_texts(self._items[row], self._fits)
        return self._texts[row]

    def caption(self, row: int, epoch: int) -> str:
        """Draw the text of `row` in `epoch`; always the same one."""
        key = self._items[row].key
        return draw(self.item_texts(row), random.Random(f"{self._seed}|{epoch}|{key}"))

    def validation_caption(self, row: int) -> str:
        """Return the text that represents `row` in validation."""
        return validation_caption(self.item_texts(row))

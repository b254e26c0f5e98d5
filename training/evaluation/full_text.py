"""Full text as a row of evaluation: BM25 over the texts of any data set, in memory.

A museum's own full text (search/retrieval/vectors.py) reads the descriptions that evaluation asks with, and
would find each by its own words. Here the text that a query was taken from is left out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
K1, B = 1.2, 0.75
_WORD = re.compile(r"\w+")


class FullText:
    """An index over `documents`, one a column of the gallery."""

    def __init__(self, documents: Sequence[str]) -> None:
        counted = [Counter(_words(text)) for text in documents]
        lengths = np.array([sum(each.values()) for each in counted], float)
        levelled = K1 * (1 - B + B * lengths / max(lengths.mean(), 1.0))
        entries: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for column, words in enumerate(counted):
            for word, number in words.items():
                entries[word].append((column, number))
        self.size = len(documents)
        self._columns: dict[str, np.ndarray] = {}
        self._values: dict[str, np.ndarray] = {}
        for word, found in entries.items():
            columns, times = (np.array(part) for part in zip(*found, strict=True))
            self._columns[word] = columns
            self._values[word] = times * (K1 + 1) / (times + levelled[columns])

    def search(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores of all documents, and how much of the rarity of the query's words
        each carries (0 to 1): (gallery,) both."""
        scores, carried, whole = np.zeros(self.size), np.zeros(self.size), 0.0
        for word in set(_words(text)):
            columns = self._columns.get(word, np.empty(0, int))
            rarity = float(np.log(1 + (self.size - len(columns) + 0.5) / (len(columns) + 0.5)))
            whole += rarity
            if len(columns):
                scores[columns] += rarity * self._values[word]
                carried[columns] += rarity
        return scores, carried / (whole or 1.0)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())

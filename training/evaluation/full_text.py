"""Full text as a row of evaluation: BM25 over the texts of any dataset, in memory.

The museum's own full text (search/retrieval/full_text.py) indexes the descriptions that evaluation
uses as queries, and would find each by its own words. Here the text of the query is left out.
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
    """An index over `documents`, one for each column of the gallery."""

    def __init__(self, documents: Sequence[str]) -> None:
        word_counts = [Counter(_words(text)) for text in documents]
        lengths = np.array([sum(each.values()) for each in word_counts], float)
        length_factors = K1 * (1 - B + B * lengths / max(lengths.mean(), 1.0))
        entries: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for column, words in enumerate(word_counts):
            for word, number in words.items():
                entries[word].append((column, number))
        self.size = len(documents)
        self._columns: dict[str, np.ndarray] = {}
        self._values: dict[str, np.ndarray] = {}
        for word, postings in entries.items():
            columns, times = (np.array(part) for part in zip(*postings, strict=True))
            self._columns[word] = columns
            self._values[word] = times * (K1 + 1) / (times + length_factors[columns])

    def search(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores of all documents, and the share of the query words' idf that each has.

        Both are (gallery,).
        """
        scores, coverage, total_idf = np.zeros(self.size), np.zeros(self.size), 0.0
        for word in set(_words(text)):
            columns = self._columns.get(word, np.empty(0, int))
            idf = float(np.log(1 + (self.size - len(columns) + 0.5) / (len(columns) + 0.5)))
            total_idf += idf
            if len(columns):
                scores[columns] += idf * self._values[word]
                coverage[columns] += idf
        return scores, coverage / (total_idf or 1.0)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())

"""The list of each channel for one query: who retrieves it, and in which order.

A channel of `search.ranking.channels` has its entry in `RETRIEVERS`. Later ones may use what the
earlier ones found: full text reads fewer works where vectors have found some.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from search.metrics import STAGES
from search.models import Embedding
from search.query.query import Query
from search.ranking import progressive_depth
from search.ranking.channels import COLOR, IMAGE, TEXT, WORDS
from search.ranking.matches import Ranked
from search.retrieval import candidates, full_text, vectors
from search.retrieval.background_sample import Asked
from search.retrieval.colours import by_colour


@dataclass
class Retrieval:
    """What the channels of one query are to look through, and what they have found so far.

    `depth` is how many works each should find. `is_whole` says whether the lists of vectors hold
    all that paging can reach.
    """

    query: Query
    asked: Asked
    works: candidates.Scope
    depth: int
    lists: dict[str, list[Ranked]] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def matches(self) -> list[Ranked] | None:
        """All that was found so far; None where no channel has looked yet."""
        lists = self.lists.values()
        return [match for matches in lists for match in matches] if lists else None


# Returns the channel's list; None where the query has nothing for it.
Retriever = Callable[[Retrieval], list[Ranked] | None]


def _by_vector(name: str) -> Retriever:
    def retrieve(retrieval: Retrieval) -> list[Ranked] | None:
        if name not in retrieval.asked:
            return None
        model, vector = retrieval.asked[name]
        kind = Embedding.Kind(name)
        matches, holds_all = vectors.look(
            model, kind, vector, retrieval.works, depth=retrieval.depth
        )
        retrieval.is_whole &= holds_all
        return matches

    return retrieve


def _by_words(retrieval: Retrieval) -> list[Ranked] | None:
    depth = progressive_depth.END if retrieval.is_whole else retrieval.depth
    return full_text.by_words(retrieval.query, retrieval.works, depth, found=retrieval.matches)


def _by_color(retrieval: Retrieval) -> list[Ranked] | None:
    query = retrieval.query
    if not query.color:
        return None
    is_alone = query.shares[COLOR] == 1.0
    return by_colour(query.color, retrieval.works, None if is_alone else retrieval.matches)


RETRIEVERS: dict[str, Retriever] = {
    IMAGE: _by_vector(IMAGE),
    TEXT: _by_vector(TEXT),
    WORDS: _by_words,
    COLOR: _by_color,
}


def retrieve(
    query: Query, asked: Asked, works: candidates.Scope, depth: int
) -> tuple[dict[str, list[Ranked]], bool]:
    """Return each channel's list, and whether they hold all that paging can reach.

    Must run in a transaction.
    """
    retrieval = Retrieval(query, asked, works, depth)
    for name, retriever in RETRIEVERS.items():
        started = time.perf_counter()
        matches = retriever(retrieval)
        if matches is not None:
            STAGES.labels(name).observe(time.perf_counter() - started)
            retrieval.lists[name] = matches
    return retrieval.lists, retrieval.is_whole

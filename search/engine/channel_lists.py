"""Retrieve the ranked list of each channel for one query.

Each ranked channel of search/ranking/channels.py has an entry in `RETRIEVERS`. They run in order:
a later channel can use earlier results: full text reads fewer works if vectors matched.
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
from search.retrieval.background_sample import QueryVectors
from search.retrieval.colours import rank_by_colour


@dataclass
class Retrieval:
    """The input of the channels for one query, and their lists so far.

    `depth` is the number of works that each channel should return. `is_whole` says whether the
    lists of the vector channels hold every work that paging can reach.
    """

    query: Query
    query_vectors: QueryVectors
    works: candidates.Scope
    depth: int
    lists: dict[str, list[Ranked]] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def matches(self) -> list[Ranked] | None:
        """All matches so far; None if no channel has run yet."""
        lists = self.lists.values()
        return [match for matches in lists for match in matches] if lists else None


# Return the channel's list, or None if the query has no input for the channel.
Retriever = Callable[[Retrieval], list[Ranked] | None]


def _vector_retriever(name: str) -> Retriever:
    def retrieve(retrieval: Retrieval) -> list[Ranked] | None:
        if name not in retrieval.query_vectors:
            return None
        model, vector = retrieval.query_vectors[name]
        kind = Embedding.Kind(name)
        matches, holds_all = vectors.nearest_works(
            model, kind, vector, retrieval.works, depth=retrieval.depth
        )
        retrieval.is_whole &= holds_all
        return matches

    return retrieve


def _retrieve_words(retrieval: Retrieval) -> list[Ranked] | None:
    depth = progressive_depth.END if retrieval.is_whole else retrieval.depth
    return full_text.rank_by_words(retrieval.query, retrieval.works, depth, found=retrieval.matches)


def _retrieve_color(retrieval: Retrieval) -> list[Ranked] | None:
    query = retrieval.query
    if not query.color:
        return None
    is_alone = query.shares[COLOR] == 1.0
    return rank_by_colour(query.color, retrieval.works, None if is_alone else retrieval.matches)


RETRIEVERS: dict[str, Retriever] = {
    IMAGE: _vector_retriever(IMAGE),
    TEXT: _vector_retriever(TEXT),
    WORDS: _retrieve_words,
    COLOR: _retrieve_color,
}


def retrieve(
    query: Query, query_vectors: QueryVectors, works: candidates.Scope, depth: int
) -> tuple[dict[str, list[Ranked]], bool]:
    """Return each channel's list, and whether they hold every work that paging can reach.

    Must run in a transaction.
    """
    retrieval = Retrieval(query, query_vectors, works, depth)
    for name, retriever in RETRIEVERS.items():
        started = time.perf_counter()
        matches = retriever(retrieval)
        if matches is not None:
            STAGES.labels(name).observe(time.perf_counter() - started)
            retrieval.lists[name] = matches
    return retrieval.lists, retrieval.is_whole

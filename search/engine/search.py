"""Answer a query with ranked artworks, for the website, the API and the commands."""

import logging
import time
from dataclasses import replace
from itertools import islice

import numpy as np
from django.utils.translation import gettext_noop as _

from museum.core.database import read_replica
from museum.core.text.messages import Message, message
from museum.models import Artwork
from search.embeddings import registry
from search.engine import answer_cache, channel_lists, cursors, results
from search.engine.errors import (
    CursorExpiredError,
    SearchUnavailableError,
    raises_search_unavailable,
)
from search.engine.rerank import Reranker
from search.engine.results import Answer, Hit, Place, Results
from search.metrics import stage
from search.models import Embedding, EmbeddingModel
from search.query.query import RELEVANCE, Query
from search.ranking import levels, progressive_depth, relevance
from search.ranking.channels import RANKED
from search.ranking.fusion import fuse
from search.ranking.matches import ChannelRank, Fused
from search.retrieval import background_sample, candidates, query_vector
from search.retrieval.background_sample import QueryVectors

__all__ = [
    "ChannelRank", "CursorExpiredError", "Hit", "Results", "SearchUnavailableError", "answer",
    "search",
]  # fmt: skip

logger = logging.getLogger(__name__)


@raises_search_unavailable
@stage("whole")
def search(query: Query, model: EmbeddingModel | None = None) -> Results:
    """Answer `query` by `model`, or by the active model. A blank query has no results.

    If a model does not load or does not know a word, `warnings` says so and the other channels
    answer. Raises `SearchUnavailableError` and `CursorExpiredError`.
    """
    started = time.perf_counter()
    if query.is_browsing:
        return replace(browse(query), seconds=time.perf_counter() - started)
    if query.is_blank:
        return Results(query, warnings=_about_blank(query))
    model = model or _model(query)
    key = answer_cache.key(query, model)
    found = answer_cache.read_or_make(key, model, lambda: _answer_uncached(query, model))
    warnings = found.warnings
    if query.rewrite:
        about = _('Showing results for "{words}", as chosen by a curator.')
        warnings = [message(about, words=query.rewrite), *warnings]
    return Results(
        query,
        model,
        found.count,
        found.places,
        warnings,
        seconds=time.perf_counter() - started,
        vector=found.vector,
        query_vectors=found.query_vectors,
        key=key if found.is_complete else "",
    )


def _answer_uncached(query: Query, model: EmbeddingModel | None) -> Answer:
    with stage("direction"):
        vector, warnings = query_vector.build_query_vector(query, model)
        description_target, about_texts = query_vector.build_description_vector(
            query, model, vector
        )
    found = answer(query, model, vector, description_target)
    warnings = warnings + about_texts
    # A model may load next time, so the answer is incomplete. A missing model is no passing error.
    is_complete = model is None or not warnings
    warnings = [*warnings, *query_vector.limitation_warnings(query, model), *found.warnings]
    return replace(found, warnings=warnings, is_complete=is_complete)


def answer(
    query: Query,
    model: EmbeddingModel | None,
    vector: np.ndarray | None,
    description_target: query_vector.ModelVector | None = None,
) -> Answer:
    """Answer `query` by its `vector` (dim,) of `model`, either of which may be None.

    Descriptions are compared with the model and vector of `description_target`, if given.
    """
    warnings = []
    query_vectors = _query_vectors((model, vector), description_target or (model, vector))
    with read_replica.atomic():
        chance = background_sample.background(query_vectors)
        ranking = ranked(query, query_vectors, chance)
        ordered = _sorted(ranking.works, query.sort)
    places = [
        Place(each, chance.level(each.channels), chance.best_z(each.channels))
        for each in _page(ordered, query)
    ]
    is_counted = ranking.is_whole or bool(query.min_relevance)
    count = len(ranking.works) if is_counted else progressive_depth.END
    if not count and query.phrases:
        quoted = ", ".join(f'"{phrase}"' for phrase in query.phrases)
        about = _(
            "No work contains exactly {quoted}. Remove the quotation marks to search by meaning."
        )
        warnings.append(message(about, quoted=quoted))
    return Answer(places, count, warnings, vector, query_vectors)


def _model(query: Query) -> EmbeddingModel | None:
    active = registry.active()
    if query.cursor is None:
        return active
    try:
        return cursors.cursor_model(query.cursor, active)
    except LookupError as error:
        raise CursorExpiredError(str(error)) from error


def _page(works: list[Fused], query: Query) -> list[Fused]:
    """Return the page of `query`: the works after its offset, or those not listed in its cursor."""
    if query.cursor is None:
        return works[query.offset : query.offset + query.limit]
    shown = set(query.cursor.seen)
    new = (each for each in works if not shown & {each.artic_id, *each.duplicates})
    return list(islice(new, query.limit))


def _query_vectors(
    of_pictures: query_vector.ModelVector, description_target: query_vector.ModelVector
) -> QueryVectors:
    query_vectors = {}
    for kind, (model, vector) in zip(
        Embedding.Kind, (of_pictures, description_target), strict=True
    ):
        if model is not None and vector is not None:
            query_vectors[kind.value] = model, vector
    return query_vectors


def ranked(
    query: Query, query_vectors: QueryVectors, chance: relevance.Background
) -> progressive_depth.Ranking:
    """Return the ranking to the end of the page of `query`. Must run in a transaction."""
    works = candidates.candidate_scope(query)
    reranker = Reranker(query, works)
    weights = _weights(query)

    def retrieve(depth: int) -> tuple[progressive_depth.Lists, bool]:
        return channel_lists.retrieve(query, query_vectors, works, depth)

    def fuse_and_rerank(lists: progressive_depth.Lists) -> list[Fused]:
        found = reranker.rerank(fuse(lists, weights))
        if not query.min_relevance:
            return found
        return [
            each
            for each in found
            if levels.reaches(chance.level(each.channels), query.min_relevance)
        ]

    # To sort by another order, or to count the relevant works, all works that paging can reach
    # are needed.
    needs_all = query.sort != RELEVANCE or bool(query.min_relevance)
    end = progressive_depth.END if needs_all else query.offset + query.limit
    return progressive_depth.ranking(end, retrieve, fuse_and_rerank, fold=reranker.fold)


def _weights(query: Query) -> dict[str, float]:
    """Return the weight of each channel: its own weight times its share of the query."""
    shares = query.shares
    return {channel.name: channel.weight * shares[channel.share] for channel in RANKED}


def browse(query: Query) -> Results:
    """Return one page of all works that pass the filters, sorted but not ranked."""
    works = candidates.candidates(query)
    with read_replica.atomic():
        ids = works.sorted_by(query.sort).values_list("artic_id", flat=True)
        if query.cursor:
            page = ids.exclude(artic_id__in=query.cursor.seen)[: query.limit]
        else:
            page = ids[query.offset : query.offset + query.limit]
        places = results.unscored_places(Fused(artic_id, 0.0, {}) for artic_id in page)
        count = works.count()
    return Results(query, count=count, places=places)


def _sorted(works: list[Fused], sort: str) -> list[Fused]:
    if sort == RELEVANCE:
        return works
    by_id = {fused.artic_id: fused for fused in works}
    found = Artwork.objects.filter(artic_id__in=by_id).sorted_by(sort)
    return [by_id[artic_id] for artic_id in found.values_list("artic_id", flat=True)]


def _about_blank(query: Query) -> list[Message]:
    if not query.excluded:
        return []
    left_out = ", ".join(query.excluded)
    about = _("Your search only says what to exclude ({words}). Add what to look for.")
    return [message(about, words=left_out)]

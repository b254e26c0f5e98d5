"""A query in, ranked artworks out. Everything that answers a search goes through here."""

import logging
import time
from dataclasses import replace
from itertools import islice

import numpy as np
from django.utils.translation import gettext_noop as _

from museum.core.database import read_replica
from museum.core.text.lazy import Message, message
from museum.models import Artwork
from search.embeddings import registry
from search.engine import answer_cache, cursors, results
from search.engine.errors import CursorExpired, SearchUnavailable, says_unavailable
from search.engine.rerank import Arrangement
from search.engine.results import Answer, Hit, Place, Results
from search.metrics import stage
from search.models import Embedding, EmbeddingModel
from search.query.query import RELEVANCE, Query
from search.ranking import channels, progressive_depth, relevance
from search.ranking.channels import COLOR, WEIGHTS
from search.ranking.fusion import fuse
from search.ranking.matches import ChannelRank, Fused, Ranked
from search.retrieval import background_sample, candidates, full_text, query_vector, vectors
from search.retrieval.background_sample import Asked
from search.retrieval.colours import by_colour

__all__ = [
    "ChannelRank", "CursorExpired", "Hit", "Results", "SearchUnavailable", "answer", "search",
]  # fmt: skip

logger = logging.getLogger(__name__)


@says_unavailable
@stage("whole")
def search(query: Query, model: EmbeddingModel | None = None) -> Results:
    """Answer `query` by `model`, else by the active one. A blank one is answered without any work.

    What could not be done (a model that does not load, words it never saw) is said in `warnings`;
    the other channels answer nevertheless. Raises `SearchUnavailable`, and `CursorExpired`.
    """
    started = time.perf_counter()
    if query.is_browsing:
        return replace(browse(query), seconds=time.perf_counter() - started)
    if query.is_blank:
        return Results(query, warnings=_about_blank(query))
    model = model or _model(query)
    key = answer_cache.key(query, model)
    found = answer_cache.read_or_make(key, model, lambda: _ask(query, model))
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
        asked=found.asked,
        key=key if found.is_complete else "",
    )


def _ask(query: Query, model: EmbeddingModel | None) -> Answer:
    with stage("direction"):
        vector, warnings = query_vector.of(query, model)
        of_texts, about_texts = query_vector.of_texts(query, model, vector)
    found = answer(query, model, vector, of_texts)
    warnings = warnings + about_texts
    # A model that does not load now may do so next time; that there is none is no passing thing.
    is_complete = model is None or not warnings
    warnings = [*warnings, *query_vector.unseen(query, model), *found.warnings]
    return replace(found, warnings=warnings, is_complete=is_complete)


def answer(
    query: Query,
    model: EmbeddingModel | None,
    vector: np.ndarray | None,
    of_texts: query_vector.Aim | None = None,
) -> Answer:
    """Answer `query` by what it means, `vector` (dim,) of `model`, if there is one.

    Descriptions are compared with the vector and the model `of_texts` instead, where it is given.
    """
    warnings = []
    asked = _asked((model, vector), of_texts or (model, vector))
    with read_replica.atomic():
        chance = background_sample.background(asked)
        ranking = ranked(query, asked, chance)
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
    return Answer(places, count, warnings, vector, asked)


def _model(query: Query) -> EmbeddingModel | None:
    active = registry.active()
    if query.cursor is None:
        return active
    try:
        return cursors.model_of(query.cursor, active)
    except LookupError as error:
        raise CursorExpired(str(error)) from error


def _page(works: list[Fused], query: Query) -> list[Fused]:
    """Return the page of `query`: the works after the offset, or those its cursor has not seen."""
    if query.cursor is None:
        return works[query.offset : query.offset + query.limit]
    seen = set(query.cursor.seen)
    new = (each for each in works if not seen & {each.artic_id, *each.duplicates})
    return list(islice(new, query.limit))


def _asked(of_pictures: query_vector.Aim, of_texts: query_vector.Aim) -> Asked:
    asked = {}
    for kind, (model, vector) in zip(Embedding.Kind, (of_pictures, of_texts), strict=True):
        if model is not None and vector is not None:
            asked[kind.value] = model, vector
    return asked


def ranked(query: Query, asked: Asked, chance: relevance.Background) -> progressive_depth.Ranking:
    """Return the ranking as far as the page of `query` needs it. Must run in a transaction."""
    works = candidates.plan(query)
    arrangement = Arrangement(query, works)
    weights = _weights(query)

    def look(depth: int) -> tuple[progressive_depth.Lists, bool]:
        return rank(query, asked, works, depth)

    def fused(lists: progressive_depth.Lists) -> list[Fused]:
        found = arrangement.arrange(fuse(lists, weights))
        if not query.min_relevance:
            return found
        return [
            each
            for each in found
            if relevance.reaches(chance.level(each.channels), query.min_relevance)
        ]

    # Another order than by relevance is one of all the works that paging can reach, and so is the
    # number of those that are relevant enough.
    needs_all = query.sort != RELEVANCE or bool(query.min_relevance)
    end = progressive_depth.END if needs_all else query.offset + query.limit
    return progressive_depth.ranking(end, look, fused, fold=arrangement.fold)


def rank(
    query: Query, asked: Asked, works: candidates.Scope, depth: int
) -> tuple[dict[str, list[Ranked]], bool]:
    """Return each channel's list, and whether they hold all that paging can reach.

    Must run in a transaction.
    """
    lists: dict[str, list[Ranked]] = {}
    is_whole = True
    for kind, (model, vector) in asked.items():
        with stage(kind):
            found, holds_all = vectors.look(model, Embedding.Kind(kind), vector, works, depth=depth)
        lists[kind] = found
        is_whole &= holds_all
    seen = [match for found in lists.values() for match in found] if lists else None
    with stage(channels.WORDS):
        found = full_text.by_words(
            query, works, progressive_depth.END if is_whole else depth, found=seen
        )
    lists[channels.WORDS] = found
    if query.color:
        others = [match for found in lists.values() for match in found]
        alone = query.shares["color"] == 1.0
        with stage(COLOR):
            lists[COLOR] = by_colour(query.color, works, None if alone else others)
    return lists, is_whole


def _weights(query: Query) -> dict[str, float]:
    """What each channel's ranks count for: its own weight times its share of the query."""
    shares = query.shares
    share = {channels.WORDS: shares["text"], COLOR: shares["color"]}
    return {name: weight * share.get(name, shares["vector"]) for name, weight in WEIGHTS.items()}


def browse(query: Query) -> Results:
    """Return one page of all the works that the filters keep, in an order that ranks nothing."""
    works = vectors.candidates(query)
    with read_replica.atomic():
        ids = works.sorted_by(query.sort).values_list("artic_id", flat=True)
        if query.cursor:
            page = ids.exclude(artic_id__in=query.cursor.seen)[: query.limit]
        else:
            page = ids[query.offset : query.offset + query.limit]
        places = results.unjudged(Fused(artic_id, 0.0, {}) for artic_id in page)
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

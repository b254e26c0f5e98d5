"""Evaluate each search channel and their fusion on judged queries over real records."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from ingest.loading.upsert import load
from ingest.sources.artic.parse import parse
from ingest.sources.base import Collection
from ingest.sources.record import Record
from museum.models import Artwork
from search import tasks
from search.embeddings import registry
from search.engine import search
from search.models import Embedding, EmbeddingModel
from search.query.query import Query
from search.ranking import channels
from search.retrieval import candidates, full_text, query_vector, term_statistics, vectors
from training.search_quality import baseline, judged_queries
from training.search_quality.judged_queries import JudgedQuery

FUSION, CHANCE = "fusion", "chance"
BASELINES = (baseline.ANY_WORD, baseline.RRF)
LIST_DEPTH = 100  # evaluated works of each list
WORKS_A_BATCH = 500


def read_records(paths: Iterable[Path]) -> list[Record]:
    """Read records of the Art Institute's API: JSON Lines, or a listing with `data`."""
    rows: list[dict[str, Any]] = []
    for path in paths:
        text = path.read_text("utf-8")
        is_lines = path.suffix == ".jsonl"
        rows += map(json.loads, text.splitlines()) if is_lines else json.loads(text)["data"]
    return [parse(row) for row in rows]


def load_records(records: Sequence[Record]) -> None:
    """Load the records into the connected database, as ingest does."""
    collection = Collection("artic", False, "CC0", "CC-BY", "https://www.artic.edu/iiif/2")
    for start in range(0, len(records), WORKS_A_BATCH):
        load(records[start : start + WORKS_A_BATCH], collection)
    _analyze()


def embed(name: str) -> EmbeddingModel:
    """Embed all works with the model `name` and activate it; raises `EncoderUnavailable`."""
    model = registry.register(name)
    tasks.embed_artworks(list(Artwork.objects.values_list("pk", flat=True)), model.pk)
    tasks.build_indexes(model.pk)
    _analyze()
    return registry.activate(model)


def shrink(queries: Sequence[JudgedQuery], size: int, seed: int = 0) -> None:
    """Keep the judged works of the queries and random others, `size` in all, and delete the
    rest."""
    judged_works = {work for query in queries for work in query.relevant}
    others = Artwork.objects.exclude(artic_id__in=judged_works).order_by("artic_id")
    rest = list(others.values_list("artic_id", flat=True))
    drawn = random.Random(seed).sample(rest, max(0, size - len(judged_works)))
    Artwork.objects.exclude(artic_id__in=judged_works.union(drawn)).delete()
    _analyze()


def evaluate(queries: Sequence[JudgedQuery]) -> dict[str, Any]:
    """Return the figures of each channel that finds anything, the fusion, the baselines, chance."""
    lists = [answers(query.words) for query in queries]
    names = [name for name in lists[0] if any(each[name] for each in lists)]
    gallery = Artwork.objects.count()
    measured = {
        name: judged_queries.measure(queries, [each[name] for each in lists]) for name in names
    }
    channel_names = [name for name in names if name not in {FUSION, *BASELINES}]
    best = max(channel_names, key=lambda name: measured[name][:, 0].mean())
    return {
        "gallery": gallery,
        "queries": len(queries),
        "rows": {name: judged_queries.summary(each) for name, each in measured.items()},
        CHANCE: judged_queries.chance(queries, gallery),
        "best_alone": best,
        "fusion_minus_best_alone": judged_queries.summary(measured[FUSION] - measured[best]),
        "fusion_minus_simple": judged_queries.summary(measured[FUSION] - measured[baseline.RRF]),
        "missed_by_fusion": [
            query.words for query, row in zip(queries, measured[FUSION], strict=True) if not row[-1]
        ],
    }


def answers(words: str) -> dict[str, list[int]]:
    """Return the ids found by each channel alone, by a whole search, and by the baselines."""
    query = Query.parse(words, limit=LIST_DEPTH)
    model = registry.active()
    vector, _ = query_vector.of(query, model)
    with transaction.atomic():
        works = candidates.plan(query)
        lists = {channels.WORDS: full_text.by_words(query, works, depth=LIST_DEPTH)}
        if model is not None and vector is not None:
            for kind in Embedding.Kind:
                lists[kind.value] = vectors.by_vector(model, kind, vector, works, depth=LIST_DEPTH)
    ids = {name: [match.artic_id for match in each] for name, each in lists.items()}
    any_word = baseline.any_word(words, LIST_DEPTH)
    return {
        **ids,
        FUSION: [hit.artwork.artic_id for hit in search.search(query).hits],
        baseline.ANY_WORD: any_word,
        baseline.RRF: baseline.rrf([any_word, ids.get("text", [])], LIST_DEPTH),
    }


def _analyze() -> None:
    """Update Postgres' statistics, as autovacuum does on a running site."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    term_statistics.forget()

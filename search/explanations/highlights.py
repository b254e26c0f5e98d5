"""Find the best passage of each work on a page, and mark the words of the query in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from psycopg import sql

from museum.core.database.read_replica import connection
from search.engine.results import Results
from search.models import EmbeddingModel
from search.ranking import channels
from search.retrieval import vectors

# Private-use characters mark the beginning and end of a word that matched.
_BEGIN, _END = "\ue000", "\ue001"
_WHOLE = f"StartSel={_BEGIN}, StopSel={_END}, HighlightAll=true"
_PIECE = f"StartSel={_BEGIN}, StopSel={_END}, MaxFragments=1, MaxWords=40, MinWords=20"

Marks = list[tuple[int, int]]


@dataclass(frozen=True)
class Passage:
    """A passage of a description, with the words of the query marked.

    `marks` are (start, end) positions in `text`. `source` and `language` are those of the
    description. `cosine` is None if no vector of the passage was compared.
    """

    text: str
    source: str
    language: str
    cosine: float | None
    marks: Marks


@dataclass(frozen=True)
class Explanation:
    """The words of the query in the title, and the passage that matches best."""

    title: Marks
    passage: Passage | None


# The passage comes from the nearest vector, else from the text with the most words of the query.
# The index folds accents and the page does not, so words are marked both as typed and as folded.
_EXPLAIN = sql.SQL("""
WITH terms AS (
    SELECT websearch_to_tsquery('pg_catalog.english', %(words)s)
        || websearch_to_tsquery('pg_catalog.english', museum_fold(%(words)s)) AS words
)
SELECT a.artic_id, ts_headline('pg_catalog.english', translate(a.title, %(marks)s, ''), words,
                               %(whole)s),
       p.source, p.language, p.cosine,
       ts_headline('pg_catalog.english', translate(p.text, %(marks)s, ''), words,
                   CASE WHEN p.cosine IS NULL THEN %(piece)s ELSE %(whole)s END)
FROM terms CROSS JOIN museum_artwork a LEFT JOIN LATERAL (SELECT * FROM (
    {nearest}
    (SELECT d.text, d.source, d.language, NULL::float8 AS cosine,
            ts_rank(d.search_document, words) AS fit
     FROM museum_description d
     WHERE d.artwork_id = a.id AND d.is_approved AND NOT d.is_boilerplate
       AND d.search_document @@ words
     ORDER BY fit DESC, d.id LIMIT 1)
    ) passages ORDER BY cosine DESC NULLS LAST LIMIT 1
) p ON TRUE
WHERE a.artic_id = ANY(%(ids)s::bigint[])
""")
_NEAREST = sql.SQL("""
    (SELECT substr(d.text, e.start + 1, e."end" - e.start) AS text, d.source, d.language,
            1 - (e.vector::halfvec({width}) <=> {vector}::halfvec({width})) AS cosine, 0.0 AS fit
     FROM search_embedding e JOIN museum_description d ON d.id = e.description_id AND d.is_approved
     WHERE e.artwork_id = a.id AND e.model_id = {model} AND e.kind = 'text'
     ORDER BY cosine DESC LIMIT 1)
    UNION ALL
""")


def explain(found: Results) -> Mapping[int, Explanation]:
    """Return an explanation for each work on a page, by id, from one SQL statement."""
    if not found.hits:
        return {}
    words = [term.replace('"', " ") for term in (*found.query.words, *found.query.phrases)]
    params: dict[str, Any] = {
        "ids": [hit.artwork.artic_id for hit in found.hits],
        "words": " or ".join(f'"{word}"' for word in words),
        "marks": _BEGIN + _END,
        "whole": _WHOLE,
        "piece": _PIECE,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _EXPLAIN.format(
                nearest=_nearest(*found.query_vectors.get(channels.TEXT, (None, None)))
            ),
            params,
        )
        rows = cursor.fetchall()
    return {
        artic_id: Explanation(parse_marked(title)[1], _passage(source, language, cosine, text))
        for artic_id, title, source, language, cosine, text in rows
    }


def _nearest(model: EmbeddingModel | None, vector: np.ndarray | None) -> sql.Composable:
    if model is None or vector is None:
        return sql.SQL("")
    return _NEAREST.format(
        width=sql.Literal(model.dimension),
        vector=sql.Literal(vectors.literal(vector)),
        model=sql.Literal(model.pk),
    )


def _passage(
    source: str | None, language: str | None, cosine: float | None, marked: str | None
) -> Passage | None:
    if source is None or language is None or marked is None:
        return None
    text, marks = parse_marked(marked)
    return Passage(text, source, language, cosine, marks)


def parse_marked(marked: str) -> tuple[str, Marks]:
    """Return the text without its marks, and their positions."""
    marks: Marks = []
    text = ""
    for number, piece in enumerate(re.split(f"[{_BEGIN}{_END}]", marked)):
        if number % 2:
            marks.append((len(text), len(text) + len(piece)))
        text += piece
    return text, marks

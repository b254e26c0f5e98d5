"""Rank works by the words of a query in Postgres full text."""

from collections.abc import Iterable, Sequence

from psycopg import sql

from museum.core.database.read_replica import connection
from museum.models import ArtworkQuerySet
from search.query.query import Query
from search.ranking import tuning
from search.ranking.matches import Ranked
from search.ranking.progressive_depth import END
from search.retrieval import full_text_statements as statements
from search.retrieval import term_statistics
from search.retrieval.candidates import Scope


def rank_by_words(
    query: Query,
    works: ArtworkQuerySet | Scope,
    depth: int = END,
    found: Iterable[Ranked] | None = None,
) -> list[Ranked]:
    """Rank `works` by the words and phrases of `query` in their records and approved texts.

    All works with a rare word are read. A common word ("oil", "painting") counts for those works,
    for the works in `found` (the matches of other channels), and for some others. To read all works
    with a common word would take seconds in a large collection and hardly change the ranking.
    If `found` is given, `depth` is the number of works that matter, and the list may be longer.
    """
    scope = works if isinstance(works, Scope) else Scope(works)
    terms = _terms(query)
    if not terms:
        return []
    is_common = any(terms.values())
    statement, params = scope.sql
    params = params | {
        "queries": list(terms),
        "works": list(terms.values()),
        "fields": tuning.FIELD_WEIGHTS,
        "half": tuning.HALF_PROMINENCE,
        "scored": END if found is None else min(tuning.SCORED_PER_WORK * depth, END),
        "depth": depth if found is None else END,
    }
    if is_common:
        params |= {
            "found": [match.artic_id for match in found or ()],
            "all": " & ".join(f"({term})" for term in terms),
            "read": depth,
            "titled": tuning.TITLE_LOOKUP_WORKS,
        }
    common = statements.COMMON_WORDS.format(works=statement) if is_common else sql.SQL("")
    with connection.cursor() as cursor:
        cursor.execute(statements.RANKING.format(works=statement, common=common), params)
        return [Ranked(*row) for row in cursor.fetchall()]


def _terms(query: Query) -> dict[str, float]:
    """Return the terms as tsquery text, each with its number of works if common, else 0."""
    terms = _terms_with_counts([*query.words, *query.phrases])
    for words, synonyms in query.synonyms:
        own, others = _terms_with_counts(words), _terms_with_counts(synonyms)
        if not (own and others):
            continue
        for term in own:
            terms.pop(term, None)
        # The typed words or any synonym, as one term.
        either = [" & ".join(f"({term})" for term in own), *(f"({term})" for term in others)]
        terms[" | ".join(either)] = min(own.values()) + sum(others.values())
    return terms


def _terms_with_counts(typed: Sequence[str]) -> dict[str, float]:
    if not typed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(statements.LEXEMES, [list(typed)])
        rows = cursor.fetchall()
    if not rows or rows[0][2] <= tuning.COMMON_WORD_WORKS:  # no word can be common
        return {term: 0.0 for term, _, _ in rows}
    known = term_statistics.current()
    counts = {term: known.works_with(lexemes) for term, lexemes, _ in rows}
    return {
        term: count if count > tuning.COMMON_WORD_WORKS else 0.0 for term, count in counts.items()
    }

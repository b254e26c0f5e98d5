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


def by_words(
    query: Query,
    works: "ArtworkQuerySet | Scope",
    depth: int = END,
    found: Iterable[Ranked] | None = None,
) -> list[Ranked]:
    """Rank `works` by the words and phrases of `query` in their records and approved texts.

    Works that carry a word that few carry are all read. A common word ("oil", "painting") counts
    for those, for the works in `found` (what other channels found), and for some more; to read
    all that carry it would take seconds in a large collection, to tell apart what is much alike.
    Where others `found` something, `depth` says how many works matter, and the list may be longer.
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
    """Return what to look up as tsquery, with the number of works that carry it if it is common."""
    terms = _looked_up([*query.words, *query.phrases])
    for words, same in query.synonyms:
        own, others = _looked_up(words), _looked_up(same)
        if not (own and others):
            continue
        for term in own:
            terms.pop(term, None)
        # What was typed, or any of the others, as one term.
        either = [" & ".join(f"({term})" for term in own), *(f"({term})" for term in others)]
        terms[" | ".join(either)] = min(own.values()) + sum(others.values())
    return terms


def _looked_up(typed: Sequence[str]) -> dict[str, float]:
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

"""TODO: search.curation.rules.store."""

import time
from dataclasses import dataclass
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from museum.core.database.read_replica import connection
from search.curation.rules import Action, Rule, Rules, _kept, same_terms
from search.models import CuratedQuery, CuratedWork, Synonyms
from search.query.query import Query

SECONDS = 2.0


@dataclass(frozen=True)
class _Kept:
    rules: Rules
    version: Any
    until: float


def curated(query: Query) -> Query:
    """Return `query` with what curators have decided about it."""
    return query if query.is_blank else current().apply(query)


def current() -> Rules:
    """Return the rules as they stand, or stood at most `SECONDS` ago."""
    if _kept and time.monotonic() < _kept.until:
        return _kept.rules
    version = _version()
    return keep(_kept.rules if _kept and _kept.version == version else read(), version)


def keep(rules: Rules, version: Any = None) -> Rules:
    """Go by `rules` for `SECONDS`."""
    global _kept  # noqa: PLW0603 - one set of rules a process
    _kept = _Kept(rules, version, time.monotonic() + SECONDS)
    return rules


@receiver([post_save, post_delete], sender=CuratedQuery)
@receiver([post_save, post_delete], sender=CuratedWork)
@receiver([post_save, post_delete], sender=Synonyms)
def forget(**_: Any) -> None:
    """Read the rules anew next time: who saved a change sees it at once."""
    global _kept  # noqa: PLW0603 - as above
    _kept = None


def _version() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT row(count(*), max(updated_at)) FROM search_curatedquery)::text, "
            "(SELECT row(count(*), max(updated_at)) FROM search_synonyms)::text"
        )
        return cursor.fetchone()


def read() -> Rules:
    """Read all rules that are in use."""
    works: dict[int, dict[str, list[int]]] = {}
    rows = CuratedWork.objects.filter(curated_query__is_active=True).order_by("position", "pk")
    for query, action, artic_id in rows.values_list("curated_query", "action", "artwork__artic_id"):
        works.setdefault(query, {}).setdefault(action, []).append(artic_id)
    queries = {}
    for pk, key, rewrite in CuratedQuery.objects.filter(is_active=True).values_list(
        "pk", "key", "rewrite"
    ):
        own = works.get(pk, {})
        pinned, hidden = own.get(Action.PIN, ()), own.get(Action.HIDE, ())
        queries[key] = Rule(tuple(pinned), tuple(hidden), rewrite)
    groups = Synonyms.objects.filter(is_active=True).values_list("terms", flat=True)
    return Rules(queries, same_terms(groups))

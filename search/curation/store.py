"""Keep the curators' rules in memory and read them again when they change.

Each process holds the few rules and checks every `RULES_TTL_SECONDS` whether they have changed. A
search costs at most one small query more, and a saved change reaches all processes in seconds.
"""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from museum.core.caching.ttl_cache import TtlCache
from museum.core.database.read_replica import connection
from search.curation.rules import Rule, Rules, same_terms
from search.models import CuratedQuery, CuratedWork, Synonyms
from search.query.query import Query

RULES_TTL_SECONDS = 2.0
VERSION_KEY = "rules"
Action = CuratedWork.Action

_versions: TtlCache[Any] = TtlCache(lambda _: RULES_TTL_SECONDS)
_known: tuple[Any, Rules] | None = None  # the version and its rules


def apply_rules(query: Query) -> Query:
    """Return `query` with the curators' rules applied."""
    return query if query.is_blank else current().apply(query)


def current() -> Rules:
    """Return the rules, at most `RULES_TTL_SECONDS` old."""
    version = _versions.get_or_make(VERSION_KEY, _version)
    known = _known
    return known[1] if known and known[0] == version else cache_rules(read(), version)


def cache_rules(rules: Rules, version: Any = None) -> Rules:
    """Cache `rules` for `RULES_TTL_SECONDS`."""
    global _known  # noqa: PLW0603 - one set of rules a process
    _known = _versions.put(VERSION_KEY, version), rules
    return rules


@receiver([post_save, post_delete], sender=CuratedQuery)
@receiver([post_save, post_delete], sender=CuratedWork)
@receiver([post_save, post_delete], sender=Synonyms)
def forget(**_: Any) -> None:
    """Clear the cache, so that whoever saved a change sees it at once."""
    global _known  # noqa: PLW0603 - as above
    _known = None
    _versions.clear()


def _version() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT row(count(*), max(updated_at)) FROM search_curatedquery)::text, "
            "(SELECT row(count(*), max(updated_at)) FROM search_synonyms)::text"
        )
        return cursor.fetchone()


def read() -> Rules:
    """Read all active rules."""
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

"""What curators have decided about a query, applied to it before it is answered.

The rules are few and read into each process, which asks the database every `RULES_TTL_SECONDS`
whether they have changed: a search costs at most one small query more, and a saved change is
everywhere within seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from museum.replica import connection
from museum.ttl_cache import TtlCache
from search.curated import CuratedQuery, CuratedWork, Synonyms
from search.query import Query
from search.typed import normalised

RULES_TTL_SECONDS = 2.0
VERSION_KEY = "rules"
Action = CuratedWork.Action


@dataclass(frozen=True)
class Rule:
    """What one query shows first and never (ids of works), and what is searched in its place."""

    pinned: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    rewrite: str = ""


@dataclass(frozen=True)
class Rules:
    """All rules: `queries` by normalised query, `synonyms` by normalised term."""

    queries: Mapping[str, Rule] = field(default_factory=dict)
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def apply(self, query: Query) -> Query:
        """Return `query` with what its rules say.

        Works are pinned and hidden where words alone are asked for: with a picture or a colour
        beside them it is another search.
        """
        rule = self.queries.get(normalised(query.text), Rule())
        if rule.rewrite:
            query = query.rewritten_as(rule.rewrite)
            target = self.queries.get(normalised(rule.rewrite), Rule())
            rule = Rule(rule.pinned + target.pinned, rule.hidden + target.hidden)
        if not (query.like or query.unlike or query.picture or query.color):
            hidden = tuple(dict.fromkeys(rule.hidden))
            pinned = tuple(dict.fromkeys(work for work in rule.pinned if work not in hidden))
            query = replace(query, pinned=pinned, hidden=hidden)
        return replace(query, synonyms=tuple(self._synonyms(query))) if self.synonyms else query

    def _synonyms(self, query: Query) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Yield words of `query` that together are a term, and the terms that mean the same."""
        longest = max(len(term.split()) for term in self.synonyms)
        words, start = query.words, 0
        while start < len(words):
            for length in range(min(longest, len(words) - start), 0, -1):
                term = words[start : start + length]
                if same := self.synonyms.get(normalised(" ".join(term))):
                    yield term, same
                    break
            start += length
        for phrase in query.phrases:
            if same := self.synonyms.get(normalised(phrase)):
                yield (phrase,), same


_versions: TtlCache[Any] = TtlCache(lambda _: RULES_TTL_SECONDS)
_known: tuple[Any, Rules] | None = None  # rules and the version that they are


def curated(query: Query) -> Query:
    """Return `query` with what curators have decided about it."""
    return query if query.is_blank else current().apply(query)


def current() -> Rules:
    """Return the rules as they stand, or stood at most `RULES_TTL_SECONDS` ago."""
    version = _versions.get_or_make(VERSION_KEY, _version)
    known = _known
    return known[1] if known and known[0] == version else keep(read(), version)


def keep(rules: Rules, version: Any = None) -> Rules:
    """Go by `rules` for `RULES_TTL_SECONDS`."""
    global _known  # noqa: PLW0603 - one set of rules a process
    _known = _versions.put(VERSION_KEY, version), rules
    return rules


@receiver([post_save, post_delete], sender=CuratedQuery)
@receiver([post_save, post_delete], sender=CuratedWork)
@receiver([post_save, post_delete], sender=Synonyms)
def forget(**_: Any) -> None:
    """Read the rules anew next time: who saved a change sees it at once."""
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


def same_terms(groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the other terms for each normalised term of `groups`; a term may be in several."""
    same: dict[str, tuple[str, ...]] = {}
    for terms in groups:
        for term in terms:
            others = (*same.get(normalised(term), ()), *(each for each in terms if each != term))
            same[normalised(term)] = tuple(dict.fromkeys(others))
    return same

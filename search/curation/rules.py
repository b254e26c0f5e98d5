"""Apply the curators' decisions to a query before it is answered. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from search.query.query import Query
from search.text import normalised


@dataclass(frozen=True)
class Rule:
    """The ids of works that one query pins or hides, and the text to search instead."""

    pinned: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    rewrite: str = ""


@dataclass(frozen=True)
class Rules:
    """All rules: `queries` by normalised query, `synonyms` by normalised term."""

    queries: Mapping[str, Rule] = field(default_factory=dict)
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def apply(self, query: Query) -> Query:
        """Return `query` with its rules applied.

        Works are pinned and hidden only in searches by words: with a picture or a colour it is
        another search.
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
        """Yield words of `query` that form a term, with the synonyms of that term."""
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


def same_terms(groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the synonyms of each normalised term of `groups`; a term may be in several groups."""
    same: dict[str, tuple[str, ...]] = {}
    for terms in groups:
        for term in terms:
            others = (*same.get(normalised(term), ()), *(each for each in terms if each != term))
            same[normalised(term)] = tuple(dict.fromkeys(others))
    return same

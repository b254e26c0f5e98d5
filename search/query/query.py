"""The query of a search, parsed once for the website, the API and the commands."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from search.query.cursor import DIGEST_BYTES, Cursor
from search.query.filters import Filters
from search.query.picture_token import Box, PictureToken
from search.text import clean

LIMIT = 20
RELEVANCE, DATE, ARTIST, CHANGED = SORTS = ("relevance", "date", "artist", "changed")

# Fields that are derived from `text` alone.
READ_FROM_TEXT = ("words", "phrases", "excluded", "meaning", "avoided")

# A phrase or a word, each with an optional minus before it. A quotation mark inside a word
# (24" x 18") opens no phrase, and neither does one that is never closed.
_TERM = re.compile(r'(?<!\S)(-*)(?:"([^"]*)"|(\S+))')
# "without people", "without any people", "without people or boats"; a quotation is kept whole.
_WITHOUT = re.compile(
    r'(?P<quoted>"[^"]*")|(?<=\S)\s+without\s+(?:an?\s+|any\s+|the\s+)?'
    r"(?P<what>[^\W\d_][\w'-]*(?:\s+(?:or|and)\s+[^\W\d_][\w'-]*)*)",
    re.IGNORECASE,
)
_DASH = re.compile("[-\u2010-\u2015]")


@dataclass(frozen=True)
class Weights:
    """The weight of each part of a query. Only the proportions matter."""

    text: float = 1.0
    like: float = 1.0
    unlike: float = 1.0
    image: float = 1.0
    color: float = 1.0


@dataclass(frozen=True)
class Query:
    """One search. `text` is the cleaned input; `words` to `avoided` are parsed from it.

    `words` rank works, and a work may lack any of them. `phrases` were quoted: a work must carry
    each of them as it stands. `excluded` words and phrases keep a work out. `meaning` is the text
    for an encoder: everything wished for, in the order typed; `avoided` are words for it to lead
    away from (what is excluded, and what comes after "without"). `like` and `unlike` are ids of
    works whose pictures the answer should resemble, or not; `picture` is what the model saw in one
    that was sent. `box` (x, y, width, height; 0 to 1) says that of the one work in `like` a detail
    is meant. `color` (`#rrggbb`) ranks, unlike the filter `palette`. `min_relevance` is a level of
    `search.ranking.levels`, "" for all. With `dedupe`, works that are nearly the same count as one.
    A `cursor` names the works on the pages before; `offset` is then their number.

    The last four are curators' decisions about it (search/curation/), not part of what was typed:
    ids of works to show first and never, the text that is searched instead, and synonyms for some
    of its words.
    """

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    meaning: str = ""
    avoided: tuple[str, ...] = ()
    like: tuple[int, ...] = ()
    unlike: tuple[int, ...] = ()
    picture: PictureToken | None = None
    box: Box | None = None
    color: str = ""
    weights: Weights = field(default_factory=Weights)
    min_relevance: str = ""
    dedupe: bool = True
    filters: Filters = field(default_factory=Filters)
    sort: str = RELEVANCE
    limit: int = LIMIT
    offset: int = 0
    cursor: Cursor | None = None
    pinned: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    rewrite: str = ""
    synonyms: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    @classmethod
    def parse(
        cls,
        typed: str,
        *,
        limit: int = LIMIT,
        offset: int = 0,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        sort: str = RELEVANCE,
        **more: Any,
    ) -> Self:
        """Parse `typed`: words, "quoted phrases", and -word or -"quoted phrase" to exclude.

        `more` are other fields, taken unchanged.
        """
        text = clean(typed)
        words: list[str] = []
        phrases: list[str] = []
        excluded: list[str] = []
        meaning: list[str] = []
        remaining, avoided = _split(text)
        for minus, phrase, word in _TERM.findall(remaining):
            term = (phrase or word).replace('"', " ").strip()
            if not _has_word(term):
                # Full text ignores an emoji, but an encoder may know what it means.
                meaning += [term] if _has_symbol(term) and not minus else []
            elif minus:
                excluded.append(term)
            elif phrase:
                phrases.append(term)
                meaning.append(term)
            else:
                words += [part for part in _DASH.split(term) if _has_word(part)]
                meaning.append(term)
        return cls(
            text=text,
            words=_distinct(words),
            phrases=_distinct(phrases),
            excluded=_distinct(excluded),
            meaning=" ".join(meaning),
            avoided=(*_distinct(excluded), *avoided),
            filters=filters,
            sort=sort,
            limit=limit,
            offset=offset,
            **more,
        )

    def as_typed(self) -> Self:
        """Return the query as the visitor typed it.

        The page, the fields parsed from `text` and the curators' decisions are reset.
        """
        unset = ("cursor", "pinned", "hidden", "rewrite", "synonyms", *READ_FROM_TEXT)
        defaults = {each.name: each.default for each in fields(self) if each.name in unset}
        return replace(self, limit=0, offset=0, **defaults)  # type: ignore[arg-type]

    @property
    def digest(self) -> str:
        """A hash of the search in hexadecimal, the same on each of its pages."""
        search = repr(self.as_typed()).encode("utf-8", "replace")
        return hashlib.blake2b(search, digest_size=DIGEST_BYTES).hexdigest()

    def with_filters(self, filters: Filters) -> Self:
        """Return the same query with other filters."""
        return replace(self, filters=filters)

    def rewritten_as(self, text: str) -> Self:
        """Return the same query that searches for `text`; `self.text` stays as typed."""
        other = type(self).parse(text)
        return replace(
            self,
            rewrite=other.text,
            **{name: getattr(other, name) for name in READ_FROM_TEXT},
        )

    @property
    def is_narrow(self) -> bool:
        """Whether phrases or filters limit the works that may answer it."""
        return bool(self.phrases or self.filters)

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing to search for, although it may exclude something."""
        return not (self.meaning or self.like or self.picture or self.color)

    @property
    def shares(self) -> dict[str, float]:
        """The share (0 to 1) of text, vector (which includes text) and color in the query."""
        text = self.weights.text if self.meaning else 0.0
        pictures = self.weights.like * len(self.like)
        pictures += self.weights.image if self.picture else 0.0
        color = self.weights.color if self.color else 0.0
        total = (text + pictures + color) or 1.0
        return {"text": text / total, "vector": (text + pictures) / total, "color": color / total}

    @property
    def is_browsing(self) -> bool:
        """Whether it only filters, and has nothing to rank works by."""
        return self.is_blank and bool(self.filters)


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """Return `text` without its "without ..." parts, and the terms of those parts.

    Inside quotation marks and at the very beginning, "without" is an ordinary word.
    """
    avoided: list[str] = []

    def take(match: re.Match[str]) -> str:
        if match["quoted"]:
            return match[0]
        avoided.append(match["what"])
        return ""

    remaining = _WITHOUT.sub(take, text)
    return (remaining, tuple(avoided)) if remaining.strip() else (text, ())


def _has_word(term: str) -> bool:
    return any(char.isalnum() for char in term)


def _has_symbol(term: str) -> bool:
    return any(unicodedata.category(char) == "So" for char in term)


def _distinct(terms: Iterable[str]) -> tuple[str, ...]:
    """Drop repetitions, ignoring case; keep the first of each."""
    return tuple({term.casefold(): term for term in reversed(list(terms))}.values())[::-1]

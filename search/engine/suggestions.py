"""Suggest titles, artists and subjects that begin with what a visitor has typed.

Titles come from a database index. Each different title takes one look-up, so a thousand works named
"Untitled" cost as much as one. The few thousand names of artists and subjects stay in memory for
`NAMES_TTL_SECONDS`, and any of their words finds them.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from museum.core.caching.ttl_cache import TtlCache
from museum.core.database.read_replica import connection
from search.text import clean, fold

KINDS = ("title", "artist", "subject")
NAMES_TTL_SECONDS = 600.0
# As in the index of migration 0002: Postgres cannot index long texts.
WIDTH = 100

_KEY = f"left(lower(museum_fold(title)), {WIDTH})"
_VISIBLE = "NOT is_hidden AND withdrawn_at IS NULL"
# S608: only the constants above are interpolated.
_TITLES = f"""
WITH RECURSIVE found AS (
    (SELECT {_KEY} AS key, title, 1 AS number FROM museum_artwork
     WHERE {_KEY} LIKE %(prefix)s AND {_VISIBLE} ORDER BY {_KEY} USING ~<~ LIMIT 1)
    UNION ALL
    SELECT next.key, next.title, found.number + 1 FROM found CROSS JOIN LATERAL (
        SELECT {_KEY} AS key, title FROM museum_artwork
        WHERE {_KEY} LIKE %(prefix)s AND {_KEY} ~>~ found.key AND {_VISIBLE}
        ORDER BY {_KEY} USING ~<~ LIMIT 1
    ) next WHERE found.number < %(limit)s
)
SELECT title FROM found
"""  # noqa: S608
_ARTISTS = f"""
SELECT artist.name, count(*) FROM museum_artwork work JOIN museum_artist artist
ON artist.id = work.artist_id WHERE {_VISIBLE} GROUP BY artist.name
"""  # noqa: S608
_SUBJECTS = f"""
SELECT subject, count(*) FROM museum_artwork, unnest(subject_titles) AS subject
WHERE {_VISIBLE} GROUP BY subject
"""  # noqa: S608


@dataclass(frozen=True)
class Suggestion:
    """A text to search for. `works` is about how many works have it; None for a title."""

    text: str
    kind: str
    works: int | None = None


@dataclass(frozen=True)
class Names:
    """Names sorted by the beginnings of their words, so that a prefix is a range."""

    keys: list[tuple[str, int]] = field(default_factory=list)
    names: list[Suggestion] = field(default_factory=list)

    @classmethod
    def index(cls, names: Iterable[Suggestion]) -> "Names":
        """Index `names`."""
        entries = list(names)
        keys = []
        for number, name in enumerate(entries):
            words = fold(name.text).lower().split()
            keys += [(" ".join(words[start:]), number) for start in range(len(words))]
        return cls(sorted(keys), entries)

    def with_prefix(self, prefix: str, limit: int) -> list[Suggestion]:
        """Return up to `limit` names with a word that begins with `prefix`, most works first."""
        found = set()
        for key, number in self.keys[bisect_left(self.keys, (prefix,)) :]:
            if not key.startswith(prefix):
                break
            found.add(number)
        best = sorted(
            (self.names[number] for number in found), key=lambda s: (-(s.works or 0), s.text)
        )
        return best[:limit]


_names: TtlCache[Names] = TtlCache(NAMES_TTL_SECONDS)  # by database


def suggest(typed: str, limit: int = 10) -> list[Suggestion]:
    """Return up to `limit` suggestions, names of artists and subjects first.

    Names fill at most half of the list if there are titles for the rest.
    """
    prefix = fold(clean(typed)).lower()
    if not prefix:
        return []
    names = _names.get_or_make(connection.settings_dict["NAME"], _read_names)
    matches = names.with_prefix(prefix, limit)
    titles = _titles(prefix, limit)
    room = max(limit - len(titles), (limit + 1) // 2)
    chosen = matches[:room]
    return [*chosen, *titles[: limit - len(chosen)]]


def forget() -> None:
    """Clear the cached names."""
    _names.clear()


def _titles(prefix: str, limit: int) -> list[Suggestion]:
    with connection.cursor() as cursor:
        # The database folds the key of the index, so it must fold the prefix too.
        cursor.execute("SELECT lower(museum_fold(%s))", [prefix])
        key = cursor.fetchone()[0].lstrip()[:WIDTH]
        escaped = key.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        cursor.execute(_TITLES, {"prefix": f"{escaped}%", "limit": limit})
        return [Suggestion(title, "title") for (title,) in cursor.fetchall()]


def _read_names() -> Names:
    rows: list[Suggestion] = []
    with connection.cursor() as cursor:
        for kind, statement in (("artist", _ARTISTS), ("subject", _SUBJECTS)):
            cursor.execute(statement)
            rows += [Suggestion(name, kind, works) for name, works in cursor.fetchall()]
    return Names.index(rows)

"""What a visitor may be about to type: titles, artists and subjects that begin so.

Titles come from an index in the database; from one title to the next different one is one look-up,
so that a thousand works named "Untitled" cost as much as one. Names of artists and subjects are
some thousands: they are kept in memory, found by any of their words, and read again now and then.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from museum.core.caching.ttl_cache import TtlCache
from museum.core.database.read_replica import connection
from search.text import clean, fold

KINDS = ("title", "artist", "subject")
NAMES_TTL_SECONDS = 600.0
# As in the index (search/migrations): Postgres takes no long text into one.
WIDTH = 100

_KEY = f"left(lower(museum_fold(title)), {WIDTH})"
_VISIBLE = "NOT is_hidden AND withdrawn_at IS NULL"
# S608: what is put in are the constants above.
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
    """A text to search for. `works` is how many works have it, about; None for a title."""

    text: str
    kind: str
    works: int | None = None


@dataclass(frozen=True)
class Names:
    """Names by the beginnings of their words, sorted, so that a prefix is a range."""

    keys: list[tuple[str, int]] = field(default_factory=list)
    names: list[Suggestion] = field(default_factory=list)

    @classmethod
    def of(cls, names: Iterable[Suggestion]) -> "Names":
        """Index `names`."""
        kept = list(names)
        keys = []
        for number, name in enumerate(kept):
            words = fold(name.text).lower().split()
            keys += [(" ".join(words[start:]), number) for start in range(len(words))]
        return cls(sorted(keys), kept)

    def starting(self, prefix: str, limit: int) -> list[Suggestion]:
        """Return the names with a word that begins so, those of the most works first."""
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
    """Return up to `limit` suggestions: names of artists and subjects first, half at most where
    there are titles to fill the rest."""
    prefix = fold(clean(typed)).lower()
    if not prefix:
        return []
    names = _names.get_or_make(connection.settings_dict["NAME"], _read_names)
    matches = names.starting(prefix, limit)
    titles = _titles(prefix, limit)
    room = max(limit - len(titles), (limit + 1) // 2)
    chosen = matches[:room]
    return [*chosen, *titles[: limit - len(chosen)]]


def forget() -> None:
    """Read the names again next time."""
    _names.clear()


def _titles(prefix: str, limit: int) -> list[Suggestion]:
    with connection.cursor() as cursor:
        # The key of the index is folded by the database, and so must be what is looked for.
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
    return Names.of(rows)

"""Query expressions over works and texts that Django does not have."""

from typing import Any

from django.apps import apps
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Q, Value
from django.db.models.sql.compiler import SQLCompiler

# More matches than this are common: joining all of them would take a second.
MAX_RARE_MATCHES = 10_000


def descriptions() -> Any:
    """Return the manager of `Description`, whose module imports this one."""
    return apps.get_model("museum", "Description").objects


class HasColour(Func):
    """Whether a main colour with a weight of at least 5 % is within 25 (CIE76) of L*, a*, b*."""

    output_field = models.BooleanField()
    arity = 4
    # 25 is about the distance between two shades that people call by one name; 625 is its square.
    template = (
        "EXISTS (SELECT 1 FROM jsonb_path_query(%(expressions)s, "
        "'$[*] ? (@.weight >= 0.05 && (@.lab[0] - $l) * (@.lab[0] - $l) "
        "+ (@.lab[1] - $a) * (@.lab[1] - $a) + (@.lab[2] - $b) * (@.lab[2] - $b) <= 625)', "
        "jsonb_build_object('l', %(l)s, 'a', %(a)s, 'b', %(b)s)))"
    )

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, list[Any]]:
        """Compile the expressions into the template."""
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        names = ("expressions", "l", "a", "b")
        sql = self.template % {
            name: f"({part})::float8" if name != "expressions" else part
            for name, (part, _) in zip(names, parts, strict=True)
        }
        return sql, [param for _, params in parts for param in params]


def phrase_query(text: str) -> SearchQuery:
    """Return a full-text query for the words of `text` side by side."""
    return SearchQuery(_folded(text), config="pg_catalog.english", search_type="phrase")


def words_query(text: str) -> SearchQuery:
    """Return a full-text query for all words of `text`, in the syntax of web searches."""
    return SearchQuery(_folded(text), config="pg_catalog.english", search_type="websearch")


def record_number(typed: str) -> int:
    """Return what was typed as an id; 0, which no work has, where it is not a number."""
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


def matches_in_order(typed: str, work: str = "") -> Q:
    """Return a condition for the works of `ArtworkQuerySet.indexed`, checked row by row.

    For common words this fills the first page of a sorted list soonest. `work` is the path from the
    model to the work, such as "artwork__".
    """
    words = words_query(typed)
    texts = descriptions().order_by().filter(search_document=words).values("artwork")
    conditions = {
        "search_document": words,
        "pk__in": texts,
        "artist__name__icontains": typed,
        "accession_number": typed,
        "artic_id": record_number(typed),
    }
    return Q(*((f"{work}{name}", value) for name, value in conditions.items()), _connector=Q.OR)


def is_common(keys: models.QuerySet[Any, Any]) -> bool:
    """Return whether there are more than `MAX_RARE_MATCHES` rows."""
    return keys[: MAX_RARE_MATCHES + 1].count() > MAX_RARE_MATCHES


def _folded(text: str) -> Func:
    return Func(Value(text), function="museum_fold", output_field=models.TextField())

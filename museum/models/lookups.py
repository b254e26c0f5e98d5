"""Build the parts of queries over works and texts that Django has no words for."""

from typing import Any

from django.apps import apps
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Q, Value
from django.db.models.sql.compiler import SQLCompiler

# Words that more rows carry are common: joining all of these would take a second.
COMMON = 10_000


def descriptions() -> Any:
    """Return all descriptions; their model builds on this module."""
    return apps.get_model("museum", "Description").objects


class HasColour(Func):
    """Whether a main colour of some weight lies within the distance (CIE76) of L*, a*, b*."""

    output_field = models.BooleanField()
    arity = 4
    # 25 is about as far as two shades of what people give one name.
    template = (
        "EXISTS (SELECT 1 FROM jsonb_path_query(%(expressions)s, "
        "'$[*] ? (@.weight >= 0.05 && (@.lab[0] - $l) * (@.lab[0] - $l) "
        "+ (@.lab[1] - $a) * (@.lab[1] - $a) + (@.lab[2] - $b) * (@.lab[2] - $b) <= 625)', "
        "jsonb_build_object('l', %(l)s, 'a', %(a)s, 'b', %(b)s)))"
    )

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, list[Any]]:
        """Give each expression its place in the template."""
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        names = ("expressions", "l", "a", "b")
        sql = self.template % {
            name: f"({part})::float8" if name != "expressions" else part
            for name, (part, _) in zip(names, parts, strict=True)
        }
        return sql, [param for _, params in parts for param in params]


def phrase_query(text: str) -> SearchQuery:
    return SearchQuery(_folded(text), config="pg_catalog.english", search_type="phrase")


def words_query(text: str) -> SearchQuery:
    return SearchQuery(_folded(text), config="pg_catalog.english", search_type="websearch")


def record_number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


def matches_in_order(typed: str, work: str = "") -> Q:
    """The same works as `ArtworkQuerySet.indexed`, each looked at in a list's own order: of common
    words that comes to a page soonest. `work` leads to the work."""
    words = words_query(typed)
    texts = descriptions().order_by().filter(search_document=words).values("artwork")
    wanted = {
        "search_document": words,
        "pk__in": texts,
        "artist__name__icontains": typed,
        "accession_number": typed,
        "artic_id": record_number(typed),
    }
    return Q(*((f"{work}{name}", value) for name, value in wanted.items()), _connector=Q.OR)


def is_common(found: models.QuerySet[Any, Any]) -> bool:
    return found[: COMMON + 1].count() > COMMON


def _folded(text: str) -> Func:
    return Func(Value(text), function="museum_fold", output_field=models.TextField())

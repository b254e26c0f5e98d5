"""Which works a visitor may see, and which works and texts a curator looks for."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.search import SearchQuery
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.sql.compiler import SQLCompiler

from museum.core.colour import from_hex

if TYPE_CHECKING:
    from museum.models.artwork import Artwork
    from museum.models.description import Description  # noqa: F401 - in quotes below

# Words that more rows carry are common: joining all of these would take a second.
COMMON = 10_000


class ArtworkQuerySet(models.QuerySet["Artwork"]):
    """Selections of artworks by what may be shown."""

    def visible(self) -> Self:
        """Works that neither a curator has hidden nor the museum has withdrawn."""
        return self.filter(is_hidden=False, withdrawn_at__isnull=True)

    def carrying(self, phrase: str) -> Self:
        """Works whose record or approved texts carry `phrase`, its words side by side.

        A phrase of nothing but stop words ("to be") is in no index: all works pass.
        """
        words = Func(_phrase(phrase), function="numnode", output_field=models.IntegerField())
        return self.alias(words=words).filter(Q(pk__in=self._carriers(phrase)) | Q(words=0))

    def not_carrying(self, phrase: str) -> Self:
        """Works whose record and approved texts do not carry `phrase`."""
        return self.exclude(pk__in=self._carriers(phrase))

    def made_by(self, names: Collection[str]) -> Self:
        """Works of an artist with one of `names`."""
        return self.filter(artist__name__in=list(names))

    def dated(self, first: int | None, last: int | None) -> Self:
        """Works whose years overlap `first` to `last`; some records have theirs reversed."""
        works = self
        if first is not None:
            works = works.alias(until=Greatest("date_start", "date_end")).filter(until__gte=first)
        if last is not None:
            works = works.alias(since=Least("date_start", "date_end")).filter(since__lte=last)
        return works

    def pictured(self) -> Self:
        """Works whose picture is stored here."""
        return self.filter(image_status="stored")

    def coloured(self, colour: str) -> Self:
        """Works with a main colour that eyes take for about `colour` (`#rrggbb`)."""
        return self.filter(_HasColour(F("palette"), *map(Value, from_hex(colour).tolist())))

    def lacking_alt_text(self) -> Self:
        """Works with a stored picture that nothing describes to those who cannot see it."""
        from museum.models.description import Description  # noqa: PLC0415 - which imports this module

        said = Description.objects.alt_texts().filter(artwork=OuterRef("pk"))
        return self.pictured().filter(~Exists(said))

    def found_by(self, typed: str) -> Self:
        """Works with that id or accession number, or with all those words in their record, in one
        of their texts or in their artist's name."""
        found = self.model._default_manager.indexed(typed)
        return self.filter(_carrying(typed) if _is_common(found) else Q(pk__in=found))

    def indexed(self, typed: str) -> models.QuerySet["Artwork", Any]:
        """Primary keys of the works that are found by what was typed, some of them repeated."""
        from museum.models.description import Description  # noqa: PLC0415 - which imports this module

        words = _words(typed)
        works = self.order_by().values("pk")
        texts = Description.objects.order_by().values("artwork")
        # A union of index scans: an OR over three tables would read every work.
        return works.filter(search_document=words).union(
            texts.filter(search_document=words),
            works.filter(artist__name__icontains=typed),
            works.filter(accession_number=typed),
            works.filter(artic_id=_number(typed)),
            all=True,
        )

    def sorted_by(self, sort: str) -> Self:
        """In order of "date" (oldest first), "artist", "changed" (latest first), else of id;
        works that lack it come last."""
        orders = {
            "date": [Least("date_start", "date_end").asc(nulls_last=True)],
            "artist": [F("artist__name").asc(nulls_last=True)],
            "changed": [Coalesce("source_updated_at", "updated_at").desc()],
        }
        return self.order_by(*orders.get(sort, []), "artic_id")

    def as_named_sql(self) -> tuple[str, dict[str, Any]]:
        """SQL for the columns `id` and `artic_id`, unordered, and its parameters by name."""
        statement, params = self.order_by().values_list("id", "artic_id").query.sql_with_params()
        names = [f"works{number}" for number in range(len(params))]
        unused = iter(names)
        named = re.sub(r"(?<!%)%s", lambda _: f"%({next(unused)})s", statement)
        return named, dict(zip(names, params, strict=True))

    def key_array(self, most: int) -> tuple[str, int]:
        """Any `most` of the works' primary keys, as Postgres writes an array of them, and how many.

        As text they go back to Postgres as they came; of thousands, numbers take longer to read.
        """
        statement, params = self.as_named_sql()
        with connections[self.db].cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(array_agg(id)::text, '{}'), count(*) "  # noqa: S608 - our own
                f"FROM ({statement} LIMIT {int(most)}) works",
                params,
            )
            keys, number = cursor.fetchone()
        return keys, number

    def _carriers(self, phrase: str) -> models.QuerySet["Artwork", Any]:
        # A union of two index scans: an OR over both tables would read every work.
        works = self.model._default_manager.order_by().values("pk")
        return works.filter(search_document=_phrase(phrase)).union(
            works.filter(
                descriptions__search_document=_phrase(phrase), descriptions__is_approved=True
            )
        )


class _HasColour(Func):
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


def _phrase(text: str) -> SearchQuery:
    return SearchQuery(_folded(text), config="pg_catalog.english", search_type="phrase")


def _words(text: str) -> SearchQuery:
    return SearchQuery(_folded(text), config="pg_catalog.english", search_type="websearch")


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


def _carrying(typed: str, work: str = "") -> Q:
    """The same works as `ArtworkQuerySet.indexed`, each looked at in a list's own order: of common
    words that comes to a page soonest. `work` leads to the work."""
    from museum.models.description import Description  # noqa: PLC0415 - which imports this module

    words = _words(typed)
    texts = Description.objects.order_by().filter(search_document=words).values("artwork")
    wanted = {
        "search_document": words,
        "pk__in": texts,
        "artist__name__icontains": typed,
        "accession_number": typed,
        "artic_id": _number(typed),
    }
    return Q(*((f"{work}{name}", value) for name, value in wanted.items()), _connector=Q.OR)


def _is_common(found: models.QuerySet["Artwork", Any]) -> bool:
    return found[: COMMON + 1].count() > COMMON


def _folded(text: str) -> Func:
    return Func(Value(text), function="museum_fold", output_field=models.TextField())

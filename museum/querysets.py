"""Which works a visitor may see."""

import re
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.search import SearchQuery
from django.db import connections, models
from django.db.models import Func, Q, Value

if TYPE_CHECKING:
    from museum.models import Artwork


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

    def as_named_sql(self) -> tuple[str, dict[str, Any]]:
        """SQL for the columns `id` and `artic_id`, unordered, and its parameters by name."""
        statement, params = self.order_by().values_list("id", "artic_id").query.sql_with_params()
        names = [f"works{number}" for number in range(len(params))]
        unused = iter(names)
        named = re.sub(r"(?<!%)%s", lambda _: f"%({next(unused)})s", statement)
        return named, dict(zip(names, params, strict=True))

    def first_ids(self, number: int) -> dict[int, int]:
        """Any `number` of the works, as far as there are so many: primary key to id."""
        statement, params = self.as_named_sql()
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"{statement} LIMIT {int(number)}", params)
            return dict(cursor.fetchall())

    def _carriers(self, phrase: str) -> models.QuerySet["Artwork", Any]:
        # A union of two index scans: an OR over both tables would read every work.
        works = self.model._default_manager.order_by().values("pk")
        return works.filter(search_document=_phrase(phrase)).union(
            works.filter(
                descriptions__search_document=_phrase(phrase), descriptions__is_approved=True
            )
        )


def _phrase(text: str) -> SearchQuery:
    folded = Func(Value(text), function="museum_fold", output_field=models.TextField())
    return SearchQuery(folded, config="pg_catalog.english", search_type="phrase")

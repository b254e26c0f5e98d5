"""Which works a visitor may see."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.search import SearchQuery
from django.db import models
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

"""Rows that are about one query each, told apart whatever its case and accents."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from search.text import normalised


class KeyedQuery(models.Model):
    """A query with its `key`. Rows say how long `query` may be, and make the key unique."""

    TAKEN: ClassVar[str]  # what is said of a query that another row is about
    query: Any

    key = models.CharField(max_length=1000, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key in step with the query."""
        self.key = normalised(self.query)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a query of nothing, and one that another row is about."""
        key = normalised(self.query)
        if self.query and not key:
            raise ValidationError({"query": "Give a query that has a letter in it."})
        if type(self)._default_manager.filter(key=key).exclude(pk=self.pk).exists():
            raise ValidationError({"query": self.TAKEN})

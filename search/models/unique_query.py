"""A base for models about one query each, unique but for case and accents."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from search.text import normalised


class KeyedQuery(models.Model):
    """A query with its `key`. Subclasses define `query` and make `key` unique."""

    DUPLICATE_MESSAGE: ClassVar[str]  # error message for a query that exists already
    query: Any

    key = models.CharField(max_length=1000, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Set the key from the query."""
        self.key = normalised(self.query)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Reject a query without letters, and one that exists already."""
        key = normalised(self.query)
        if self.query and not key:
            raise ValidationError({"query": "Give a query that has a letter in it."})
        if type(self)._default_manager.filter(key=key).exclude(pk=self.pk).exists():
            raise ValidationError({"query": self.DUPLICATE_MESSAGE})

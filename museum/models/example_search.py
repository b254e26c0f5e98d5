"""Searches that the home page offers to try."""

from django.db import models


class ExampleSearch(models.Model):
    """A search to try. As soon as there is one, those that ship are no longer shown."""

    query = models.CharField(max_length=100, help_text="As a visitor would type it.")
    position = models.PositiveIntegerField(default=0, help_text="Lower numbers come first.")
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "example searches"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["query"], name="museum_example_search_unique"),
        ]

    def __str__(self) -> str:
        return self.query

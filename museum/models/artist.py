"""Makers of works."""

from django.contrib.postgres.indexes import HashIndex
from django.db import models

from museum.models.history import CuratorsHistory


class Artist(models.Model):
    """A person or workshop; `artic_id` is AIC's agent id."""

    artic_id = models.BigIntegerField(null=True, blank=True)
    name = models.TextField()
    is_corrected = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Name corrected by a curator. Later imports do not change it.",
    )

    history = CuratorsHistory()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["artic_id"], name="museum_artist_artic_id_unique"),
        ]
        indexes = [HashIndex(fields=["name"], name="museum_artist_name")]

    def __str__(self) -> str:
        return self.name

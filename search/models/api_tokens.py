"""Tokens of API clients."""

from django.db import models


class ApiToken(models.Model):
    """A token of the API, stored as the SHA-256 of its secret; `start` shows which one it is."""

    name = models.CharField(max_length=100, help_text="Who uses the token, and for what.")
    start = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        ordering = ["-created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="search_api_token_digest_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

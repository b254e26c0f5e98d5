"""Which works a visitor may see."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from museum.models import Artwork  # noqa: F401 - the quoted type below


class ArtworkQuerySet(models.QuerySet["Artwork"]):
    """Selections of artworks by what may be shown."""

    def visible(self) -> Self:
        """Works that neither a curator has hidden nor the museum has withdrawn."""
        return self.filter(is_hidden=False, withdrawn_at__isnull=True)

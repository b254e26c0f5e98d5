"""What search engines may read: pages, themes and works, never endless searches."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from museum.models import Artwork, Theme


class _Site(Sitemap):
    """Addresses begin as SITE_URL says, whatever host was asked."""

    limit = 10_000

    def get_protocol(self, protocol: str | None = None) -> str:
        """The scheme of SITE_URL."""
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        """The host of SITE_URL."""
        return urlsplit(settings.SITE_URL).netloc


class Pages(_Site):
    """Pages that are always there."""

    def items(self) -> list[str]:
        """Names of their addresses."""
        return ["home", "themes", "about", "api-docs"]

    def location(self, item: Any) -> str:
        """The address of one."""
        return reverse(item)


class Themes(_Site):
    """Published themes."""

    def items(self) -> QuerySet[Theme]:
        """All of them."""
        return Theme.objects.published()

    def location(self, item: Any) -> str:
        """The address of one."""
        return reverse("theme", args=[item.slug])

    def lastmod(self, item: Theme) -> datetime:
        """When it was last changed."""
        return item.updated_at


class Works(_Site):
    """Works that visitors may see."""

    def items(self) -> QuerySet[Artwork]:
        """All of them, in order of id."""
        return Artwork.objects.visible().only("artic_id", "updated_at").order_by("artic_id")

    def lastmod(self, item: Artwork) -> datetime:
        """When it was last changed."""
        return item.updated_at


SITEMAPS: dict[str, Any] = {"pages": Pages, "themes": Themes, "works": Works}

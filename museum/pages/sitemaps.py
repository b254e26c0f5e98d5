"""Sitemaps of pages, themes and works; searches are endless and not listed."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from museum.models import Artwork, Theme


class _Site(Sitemap):
    """URLs begin with SITE_URL, whatever host was requested."""

    limit = 10_000

    def get_protocol(self, protocol: str | None = None) -> str:
        """Return the scheme of SITE_URL."""
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        """Return the host of SITE_URL."""
        return urlsplit(settings.SITE_URL).netloc


class Pages(_Site):
    """Pages that always exist."""

    def items(self) -> list[str]:
        """Return the names of their URLs."""
        return ["home", "themes", "about", "api-docs"]

    def location(self, item: Any) -> str:
        """Return the path of `item`."""
        return reverse(item)


class Themes(_Site):
    """Published themes."""

    def items(self) -> QuerySet[Theme]:
        """Return all of them."""
        return Theme.objects.published()

    def location(self, item: Any) -> str:
        """Return the path of `item`."""
        return reverse("theme", args=[item.slug])

    def lastmod(self, item: Theme) -> datetime:
        """Return when `item` was last changed."""
        return item.updated_at


class Works(_Site):
    """Works that visitors may see."""

    def items(self) -> QuerySet[Artwork]:
        """Return all of them, by id."""
        return Artwork.objects.visible().only("artic_id", "updated_at").order_by("artic_id")

    def lastmod(self, item: Artwork) -> datetime:
        """Return when `item` was last changed."""
        return item.updated_at


SITEMAPS: dict[str, Any] = {"pages": Pages, "themes": Themes, "works": Works}

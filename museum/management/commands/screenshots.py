"""`manage.py screenshots`: the pictures in docs/screenshots, taken from a running site."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from museum.browser import NoBrowser, chromium, open_page, photograph

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = {390: 844, 1440: 900}
SCHEMES = ("light", "dark")


class Command(BaseCommand):
    """Photograph home, results and a work from a running site, in light and dark."""

    help = "Photograph home, results and a work from a running site, in light and dark."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the site runs, what to search for and where the pictures go."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--query", default="red boat at sunset")
        parser.add_argument("--out", type=Path, default=settings.BASE_DIR / "docs/screenshots")

    def handle(self, *args: Any, url: str, query: str, out: Path, **options: Any) -> None:
        """Write one JPEG for each page, width and scheme."""
        out.mkdir(parents=True, exist_ok=True)
        taken = 0
        try:
            with chromium() as browser:
                for name, page in _visits(browser, url.rstrip("/"), query):
                    (out / name).write_bytes(photograph(page))
                    taken += 1
        except NoBrowser as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{taken} screenshots in {out}")


def _visits(browser: "Browser", url: str, query: str) -> Iterator[tuple[str, "Page"]]:
    """Yield each page as it should be photographed, with the name of its file."""
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        size = {"width": width, "height": WIDTHS[width]}
        context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        open_page(page, url)
        yield f"home-{width}-{scheme}.jpg", page
        open_page(page, f"{url}/search?q={quote_plus(query)}")
        yield f"results-{width}-{scheme}.jpg", page
        work = page.locator(".card a").first
        if not work.count():
            raise CommandError(
                f"{page.url} shows no work: load a collection, or give another --query"
            )
        open_page(page, f"{url}{work.get_attribute('href')}")
        yield f"artwork-{width}-{scheme}.jpg", page
        context.close()

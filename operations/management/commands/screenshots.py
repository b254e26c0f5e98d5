"""`manage.py screenshots`: take the pictures in docs/screenshots from a running site."""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

from operations.benchmarks.browser.chromium import BrowserMissingError, chromium, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VIEWPORTS = {390: 844, 1440: 900}
SCHEMES = ("light", "dark")
# Limits of pictures in the repository.
MAX_SIDE_PIXELS = 960  # pixels
MAX_FILE_BYTES = 60_000
QUALITIES = (82, 70, 58, 46, 34)
SETTLE_MILLISECONDS = 800  # for pictures of the map, which load after the page
# The address of each page, or the selector of a link to it on the page before.
PAGES = {
    "home": "/",
    "results": "/search?q={q}",
    "artwork": ".card h3 a",
    "artist": ".byline a",
    "themes": "/themes",
    "theme": ".theme a",
    "about": "/about",
    "map": "/map?q={q}",
    "compare": "/compare?q={q}",
    "saved": "/saved?works={works}",
    "api": "/api/docs",
    "nothing": "/nothing",
}
# The pages that link to pages without an address.
LINKING_PAGES = {"artwork": "results", "artist": "artwork", "theme": "themes", "saved": "results"}


class Command(BaseCommand):
    """Photograph the pages of a running site, for phones and screens, in light and dark."""

    help = "Photograph the pages of a running site, for phones and screens, in light and dark."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the site runs, what to search for, which pages and where pictures go."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--query", default="red boat at sunset")
        parser.add_argument("--out", type=Path, default=settings.BASE_DIR / "docs/screenshots")
        parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))

    def handle(
        self, *args: Any, url: str, query: str, out: Path, pages: list[str], **options: Any
    ) -> None:
        """Write one JPEG for each page, width and scheme."""
        out.mkdir(parents=True, exist_ok=True)
        count = 0
        try:
            with chromium() as browser:
                for name, page in _visits(browser, url.rstrip("/"), query, pages):
                    (out / name).write_bytes(_photograph(page))
                    count += 1
        except BrowserMissingError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} screenshots in {out}")


def _visits(
    browser: "Browser", url: str, query: str, names: list[str]
) -> Iterator[tuple[str, "Page"]]:
    """Yield each page, ready for its screenshot, with the name of its file."""
    needed = set(names)
    for name in reversed(PAGES):
        needed |= {LINKING_PAGES[name]} if name in needed & set(LINKING_PAGES) else set()
    for width, scheme in itertools.product(VIEWPORTS, SCHEMES):
        size = {"width": width, "height": VIEWPORTS[width]}
        context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        works = ""
        for name, where in PAGES.items():
            if name not in needed:
                continue
            if where.startswith("/"):
                path = where.format(q=quote_plus(query), works=works)
            elif (link := page.locator(where).first).count():
                path = link.get_attribute("href") or ""
            elif name == "artwork":
                raise CommandError(
                    f"{page.url} shows no work: load a collection, or give another --query"
                )
            else:
                continue  # a work without an artist, a museum without a theme
            if name == "nothing":
                page.goto(url + path)
            else:
                open_page(page, url + path)
            works = works or ",".join(
                page.locator(".card").evaluate_all(
                    "all => all.slice(0, 4).map(c => c.dataset.work)"
                )
            )
            if name in names:
                page.wait_for_timeout(SETTLE_MILLISECONDS)
                yield f"{name}-{width}-{scheme}.jpg", page
        context.close()


def _photograph(page: "Page") -> bytes:
    """Return a JPEG in the best quality that stays within `MAX_FILE_BYTES`."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS), Image.Resampling.LANCZOS)
    for quality in QUALITIES:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MAX_FILE_BYTES:
            break
    return buffer.getvalue()

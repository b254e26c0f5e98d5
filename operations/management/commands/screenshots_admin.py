"""`manage.py screenshots_admin`: take the pictures of docs/curation.md from a running site."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from museum.models import Artwork
from operations.benchmarks.browser.chromium import (
    BrowserMissingError,
    chromium,
    open_page,
    photograph,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VIEWPORT = {"width": 1180, "height": 820}  # a tablet's, on its side
SESSION_MINUTES = 10
# Pages that always exist: name, path and colour scheme.
PAGES = [
    ("first", "/admin/", "light"),
    ("works", "/admin/museum/artwork/?q=boat+at+sunset&by=meaning", "light"),
    ("review", "/admin/museum/description/review/?queue=generated", "dark"),
    ("insight", "/admin/search/querylog/insight/", "light"),
    ("runs", "/admin/ingest/ingestrun/status/", "dark"),
]
# Pages of one row: name, model, the page of it and colour scheme.
ROW_PAGES = [
    ("theme", "museum.Theme", "museum_theme_change", "light"),
    ("curated", "search.CuratedQuery", "search_curatedquery_change", "light"),
    ("grades", "search.JudgmentQuery", "search_grade", "dark"),
]


class Command(BaseCommand):
    """Photograph the pages of the admin that docs/curation.md walks through."""

    help = "Photograph the admin of a running site that uses this database."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the site runs, who looks at it and where the pictures go."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--user", required=True, help="the user who is signed in")
        parser.add_argument("--out", type=Path, default=settings.BASE_DIR / "docs/screenshots")

    def handle(self, *args: Any, url: str, user: str, out: Path, **options: Any) -> None:
        """Write one JPEG for each page."""
        visitor = User.objects.filter(username=user, is_staff=True).first()
        if visitor is None:
            raise CommandError(f"no member of staff is called {user}: manage.py createsuperuser")
        session, page_list = _sign_in(visitor), pages()
        try:
            with chromium() as browser:
                for name, path, scheme in page_list:
                    picture = _visit(browser, url.rstrip("/"), path, scheme, session)
                    (out / f"admin-{name}.jpg").write_bytes(picture)
        except BrowserMissingError as error:
            raise CommandError(str(error)) from error
        finally:
            session.delete()
        self.stdout.write(f"{len(page_list)} screenshots in {out}")


def pages() -> list[tuple[str, str, str]]:
    """Return name, path and colour scheme of each page; tables without rows have none."""
    work = Artwork.objects.exclude(image_sha256="").earliest("artic_id")
    page_list = [*PAGES, ("work", f"/admin/museum/artwork/{work.pk}/change/", "light")]
    for name, model, page, scheme in ROW_PAGES:
        row = apps.get_model(model)._default_manager.order_by("pk").first()
        if row is not None:
            page_list.append((name, reverse(f"admin:{page}", args=[row.pk]), scheme))
    return page_list


def _sign_in(user: User) -> SessionStore:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(60 * SESSION_MINUTES)
    session.save()
    return session


def _visit(browser: "Browser", url: str, path: str, scheme: str, session: SessionStore) -> bytes:
    context = browser.new_context(viewport=VIEWPORT, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    open_page(page, f"{url}{path}")
    if "/login/" in page.url:
        raise CommandError(f"{url} does not accept the session: it must use the same database")
    preview = page.get_by_role("button", name="Preview")
    if preview.count():
        preview.click()
        page.locator("#preview section").first.wait_for()
    page.get_by_text("is being counted").wait_for(state="detached")
    # Show the page's main part, which is below the fold.
    for part in page.locator("#works-group, #places-group, #failures").all():
        part.evaluate("part => part.scrollIntoView()")
    picture = photograph(page)
    context.close()
    return picture

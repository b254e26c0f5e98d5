"""The Chromium that takes the screenshots and runs the browser tests: the system's, headless."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.management.base import CommandError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# In a container there is neither sandbox nor GPU; the rest keeps it from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Of one photograph: the pictures of docs/ are in the repository.
MAX_BYTES = 400_000
QUALITIES = (85, 75, 65, 50)


class NoBrowser(Exception):  # noqa: N818 - reads as what it is
    """There is no browser to drive here; the message says what to install."""


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Start a headless Chromium; raises `NoBrowser`."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise NoBrowser(f"no Chromium found (looked for {', '.join(NAMES)}): install one")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a development dependency
    except ImportError as error:
        raise NoBrowser("Playwright is not installed: pip install 'ekphrasis[dev]'") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def open_page(page: "Page", address: str) -> None:
    """Wait until `page` has all of `address`; raises `CommandError` if it is not there."""
    from playwright.sync_api import Error  # noqa: PLC0415 - a development dependency

    try:
        response = page.goto(address, wait_until="networkidle")
    except Error as error:
        raise CommandError(f"{address} does not answer: start the site with `make demo`") from error
    if response is None or not response.ok:
        raise CommandError(f"{address} answers {response.status if response else 'nothing'}")


def photograph(page: "Page") -> bytes:
    """Return a JPEG of the page in the best quality that stays within `MAX_BYTES`."""
    for quality in QUALITIES:
        picture = page.screenshot(type="jpeg", quality=quality)
        if len(picture) <= MAX_BYTES:
            break
    return picture

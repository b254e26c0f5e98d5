"""The system's Chromium, headless, for screenshots and browser tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.management.base import CommandError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A container has neither sandbox nor GPU; the other options stop requests to Google.
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Of one photograph, as docs/ keeps them in the repository.
MAX_PHOTOGRAPH_BYTES = 400_000
QUALITIES = (85, 75, 65, 50)


class BrowserMissingError(Exception):
    """Chromium or Playwright is missing; the message says what to install."""


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Start a headless Chromium; raises `BrowserMissingError`."""
    program = next(filter(None, map(shutil.which, PROGRAM_NAMES)), None)
    if program is None:
        raise BrowserMissingError(
            f"no Chromium found (looked for {', '.join(PROGRAM_NAMES)}): install one"
        )
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a development dependency
    except ImportError as error:
        raise BrowserMissingError(
            "Playwright is not installed: pip install 'ekphrasis[dev]'"
        ) from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=LAUNCH_ARGUMENTS)
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
    """Return a JPEG of the page in the best quality that stays within `MAX_PHOTOGRAPH_BYTES`."""
    for quality in QUALITIES:
        picture = page.screenshot(type="jpeg", quality=quality)
        if len(picture) <= MAX_PHOTOGRAPH_BYTES:
            break
    return picture

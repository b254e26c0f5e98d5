"""axe-core in a page that Playwright drives, for tests and `manage.py vitals`."""

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATH = settings.BASE_DIR / "node_modules/axe-core/axe.min.js"
RUN = """async () => (await axe.run()).violations.map(
  each => `${each.id}: ${each.nodes.map(node => node.target).join(", ")}`
)"""


class NoAxe(Exception):  # noqa: N818 - reads as what it is
    """axe-core is not installed; the message says how."""


def violations(page: "Page") -> list[str]:
    """Return what axe-core finds wrong with the page as it is now; raises `NoAxe`."""
    if not PATH.is_file():
        raise NoAxe("axe-core is not installed: run npm ci (needs Node.js, for checks alone)")
    # Evaluated by the browser itself, so the page's own policy need not allow it.
    page.evaluate(PATH.read_text())
    found: list[str] = page.evaluate(RUN)
    return found

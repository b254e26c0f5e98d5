"""axe-core in a page that Playwright drives, for tests and `manage.py vitals`."""

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE_PATH = settings.BASE_DIR / "node_modules/axe-core/axe.min.js"
AXE_SCRIPT = """async () => (await axe.run()).violations.map(
  each => `${each.id}: ${each.nodes.map(node => node.target).join(", ")}`
)"""


class AxeMissingError(Exception):
    """axe-core is not installed; the message says how."""


def violations(page: "Page") -> list[str]:
    """Return what axe-core finds wrong with the page as it is now; raises `AxeMissingError`."""
    if not AXE_PATH.is_file():
        raise AxeMissingError(
            "axe-core is not installed: run npm ci (needs Node.js, for checks alone)"
        )
    # The browser itself evaluates it, so the page's content security policy does not matter.
    page.evaluate(AXE_PATH.read_text())
    messages: list[str] = page.evaluate(AXE_SCRIPT)
    return messages

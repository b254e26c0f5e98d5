"""The viewer for deep zoom, OpenSeadragon, where `make setup` or the image has put it."""

from django.contrib.staticfiles import finders
from django.templatetags.static import static

SCRIPT = "vendor/openseadragon.js"


def viewer() -> str:
    """Return the address of the viewer's script; "" where it is not installed (needs npm)."""
    if finders.find(SCRIPT) is None:
        return ""
    try:
        return static(SCRIPT)
    except ValueError:  # installed after `collectstatic`
        return ""

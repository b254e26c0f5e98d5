"""OpenSeadragon, the viewer for deep zoom, which `make setup` or the container image installs."""

from django.contrib.staticfiles import finders
from django.templatetags.static import static

SCRIPT = "vendor/openseadragon.js"


def viewer() -> str:
    """Return the URL of the viewer's script; "" where it is not installed (that needs npm)."""
    if finders.find(SCRIPT) is None:
        return ""
    try:
        return static(SCRIPT)
    except ValueError:  # installed after `collectstatic`
        return ""

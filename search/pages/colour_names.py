"""Colours that the filters offer by name; any other can be given by its code."""

from django.utils.translation import gettext_lazy as _

COLOUR_NAMES = {
    "#b3262a": _("Red"),
    "#d9772b": _("Orange"),
    "#e3b93b": _("Yellow"),
    "#4f7f3f": _("Green"),
    "#2f8584": _("Turquoise"),
    "#2d5fa4": _("Blue"),
    "#6b4a92": _("Violet"),
    "#d88aa3": _("Pink"),
    "#75512f": _("Brown"),
    "#1f1f1f": _("Black"),
    "#8b8b88": _("Grey"),
    "#f1efe8": _("White"),
}


def colour_name(code: str) -> str:
    """Return the name of the colour `code` ("#2d5fa4") in the visitor's language."""
    return str(COLOUR_NAMES.get(code.lower()) or _("custom"))

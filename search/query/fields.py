"""The form fields of a search. Each error message says how to correct the value."""

import math
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from museum.images import decoding, sandbox
from search.query import picture_token
from search.query.cursor import Cursor
from search.query.facets import FACETS, OLD_NAMES, Facet, Kind
from search.text import clean

MAX_LENGTH = 500
MAX_VALUES = 20
MAX_PICTURE = 16 * 1024 * 1024  # bytes
MIN_WEIGHT, MAX_WEIGHT = 0.01, 100
YEARS = 20_000
FormClass = TypeVar("FormClass", bound=forms.Form)


class Names(forms.Field):
    """Any of several values, given by repeating the parameter."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the values, cleaned, each once."""
        given = [value] if isinstance(value, str) else list(value or ())
        if len(given) > MAX_VALUES:
            raise forms.ValidationError(
                format_lazy(_("Name at most {most} values."), most=MAX_VALUES)
            )
        if any(len(each) > MAX_LENGTH for each in given):
            mend: Any = _("Use at most {most} characters for each value.")
            raise forms.ValidationError(format_lazy(mend, most=MAX_LENGTH))
        return tuple(dict.fromkeys(name for name in map(clean, given) if name))


class Works(forms.Field):
    """Ids of works, given by repeating the parameter."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> tuple[int, ...]:
        """Return the ids, each once."""
        given = [value] if isinstance(value, str | int) else list(value or ())
        ids = [str(each).strip() for each in given if str(each).strip()]
        if len(ids) > MAX_VALUES:
            raise forms.ValidationError(
                format_lazy(_("Name at most {most} works."), most=MAX_VALUES)
            )
        if not all(re.fullmatch("[0-9]{1,18}", each, re.ASCII) for each in ids):
            raise forms.ValidationError(_("Enter the ID of a work, a whole number."))
        return tuple(dict.fromkeys(map(int, ids)))


class YesNo(forms.Field):
    """true or false; any other value is an error."""

    def to_python(self, value: Any) -> bool | None:
        """Return True, False, or None for an empty value."""
        match str(value or "").strip().lower():
            case "":
                return None
            case "true" | "1" | "yes" | "on":
                return True
            case "false" | "0" | "no" | "off":
                return False
        raise forms.ValidationError(_("Enter true or false."))


class Colour(forms.Field):
    """`#rrggbb`, with or without the number sign (%23 in a URL)."""

    def to_python(self, value: Any) -> str:
        """Return the colour in lower case, "" for an empty value."""
        digits = str(value or "").strip().removeprefix("#").lower()
        if digits and not re.fullmatch("[0-9a-f]{6}", digits):
            raise forms.ValidationError(
                _("Enter a colour such as #c0ffee. In a web address, write # as %23.")
            )
        return f"#{digits}" if digits else ""


class Picture(forms.FileField):
    """An uploaded picture, decoded after its size in bytes is checked."""

    def to_python(self, data: Any) -> Any:
        """Return a `PIL.Image.Image`, or None for an empty value."""
        file = super().to_python(data)
        if file is None:
            return None
        if file.size > MAX_PICTURE:
            raise forms.ValidationError(too_large())
        try:
            return sandbox.decode(file.read(), MAX_PICTURE)
        except decoding.InvalidPictureError as error:
            raise forms.ValidationError(unusable(error)) from error


def too_large() -> Any:
    """Return what to do about a picture of too many bytes."""
    return format_lazy(_("Send a file of at most {most} MB."), most=MAX_PICTURE // 1024**2)


def unusable(error: Exception) -> str:
    """Return the error message for a picture, translated if possible."""
    return gettext("This picture cannot be used: {why}.").format(why=gettext(str(error)))


class Token(forms.CharField):
    """The token of a picture: its vector (`picture_token.py`)."""

    reads: Callable[[str], Any] = staticmethod(picture_token.PictureToken.read)
    mend: Any = _("Copy this value, unchanged, from an earlier answer.")

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=6000, **more)

    def to_python(self, value: Any) -> Any:
        """Return the decoded value, or None for an empty one."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            super().run_validators(text)
            return type(self).reads(text)
        except ValueError as error:
            raise forms.ValidationError(self.mend) from error

    def run_validators(self, value: Any) -> None:
        """Do nothing: `to_python` has run the validators on the text."""


class CursorField(Token):
    """The works on the pages before (search/query/cursor.py)."""

    reads = staticmethod(Cursor.read)
    mend: Any = _("Use the cursor of the previous answer, unchanged, or start again without one.")


class BoxField(forms.CharField):
    """x,y,width,height of a detail, each from 0 to 1."""

    def to_python(self, value: Any) -> Any:
        """Return the four numbers, or None for an empty value."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            x, y, width, height = map(float, text[:200].split(","))
        except ValueError:
            x = math.nan
        # Written so that a comparison with NaN fails.
        if not (math.isfinite(x) and _is_inside(x, width) and _is_inside(y, height)):
            raise forms.ValidationError(
                _("Enter x,y,width,height, each from 0 to 1, such as 0.25,0.1,0.5,0.5.")
            )
        return x, y, width, height

    def run_validators(self, value: Any) -> None:
        """Do nothing: `to_python` has checked the numbers."""


def _is_inside(start: float, size: float) -> bool:
    return start >= 0 and size > 0 and start + size <= 1 + 1e-6


def weight(about: str) -> forms.FloatField:
    """Return the field of a weight."""
    mend = format_lazy(
        _("Enter a number from {least} to {most}."), least=MIN_WEIGHT, most=MAX_WEIGHT
    )
    return forms.FloatField(
        required=False,
        min_value=MIN_WEIGHT,
        max_value=MAX_WEIGHT,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), mend),
        help_text=f"{about} Only the proportion to the other weights matters. Default: 1.",
    )


def choice(names: Iterable[str], help_text: str, default: str = "") -> forms.ChoiceField:
    """Return a field that takes one of `names`."""
    chosen = tuple(names)
    mend: Any = _("Choose one of: {names}.")
    return forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in chosen],
        error_messages={"invalid_choice": format_lazy(mend, names=", ".join(chosen))},
        help_text=f"{help_text} Default: {default}." if default else help_text,
    )


def whole(
    least: int, most: int, help_text: str, default: int | None = None, mend: Any = None
) -> forms.IntegerField:
    """Return a field of a whole number; every mistake is answered with `mend`."""
    mend = mend or format_lazy(
        _("Enter a whole number from {least} to {most}."), least=least, most=most
    )
    return forms.IntegerField(
        required=False,
        min_value=least,
        max_value=most,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), mend),
        help_text=help_text if default is None else f"{help_text} Default: {default}.",
    )


def skip(most: int, about: str) -> forms.IntegerField:
    """Return the field `offset`."""
    mend: Any = _("Enter a whole number, 0 or more and at most {most}.")
    return whole(0, most, f"{about} Default: 0.", mend=format_lazy(mend, most=most))


def with_facets(form: type[FormClass]) -> type[FormClass]:
    """Add the fields of every facet to `form`, those under old names included (a decorator)."""
    for facet in FACETS:
        form.base_fields |= {name: _facet_field(facet) for name in facet.parameters}
    for old, new in OLD_NAMES.items():
        about = f"Deprecated: use {new} instead."
        form.base_fields[old] = type(form.base_fields[new])(required=False, help_text=about)
    return form


def _facet_field(facet: Facet) -> forms.Field:
    match facet.kind:
        case Kind.FLAG:
            return YesNo(required=False, help_text=facet.description)
        case Kind.YEARS:
            mend = format_lazy(_("Enter a year as a whole number. Years BC are negative."))
            return whole(-YEARS, YEARS, facet.description, mend=mend)
        case Kind.PALETTE:
            return Colour(required=False, help_text=facet.description)
    several = "Repeat the parameter to accept any of several values."
    return Names(required=False, help_text=f"{facet.description} {several}")

"""What single parameters of a search look like, each with the mend for what is wrong."""

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from museum.core.text.lazy import lazily
from museum.images import decoding, sandbox
from search.query import picture_token
from search.query.cursor import Cursor
from search.text import clean

MAX_LENGTH = 500
MAX_VALUES = 20
MAX_PICTURE = 16 * 1024 * 1024  # bytes
MIN_WEIGHT, MAX_WEIGHT = 0.01, 100
YEARS = 20_000


class Names(forms.Field):
    """Any of several values, given by repeating the parameter."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the values, cleaned, each once."""
        given = [value] if isinstance(value, str) else list(value or ())
        if len(given) > MAX_VALUES:
            raise forms.ValidationError(lazily(_("Give at most {most} values."), most=MAX_VALUES))
        if any(len(each) > MAX_LENGTH for each in given):
            mend: Any = _("Use at most {most} characters for each value.")
            raise forms.ValidationError(lazily(mend, most=MAX_LENGTH))
        return tuple(dict.fromkeys(name for name in map(clean, given) if name))


class Works(forms.Field):
    """Ids of works, given by repeating the parameter."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> tuple[int, ...]:
        """Return the ids, each once."""
        given = [value] if isinstance(value, str | int) else list(value or ())
        ids = [str(each).strip() for each in given if str(each).strip()]
        if len(ids) > MAX_VALUES:
            raise forms.ValidationError(lazily(_("Give at most {most} works."), most=MAX_VALUES))
        if not all(re.fullmatch("[0-9]{1,18}", each, re.ASCII) for each in ids):
            raise forms.ValidationError(_("Give the id of a work, a whole number."))
        return tuple(dict.fromkeys(map(int, ids)))


class YesNo(forms.Field):
    """true or false; anything else is named as a mistake, never taken for either."""

    def to_python(self, value: Any) -> bool | None:
        """Return what was said, None for nothing."""
        match str(value or "").strip().lower():
            case "":
                return None
            case "true" | "1" | "yes" | "on":
                return True
            case "false" | "0" | "no" | "off":
                return False
        raise forms.ValidationError(_("Give true or false."))


class Colour(forms.Field):
    """`#rrggbb`, with or without the sign (which an address must write as %23)."""

    def to_python(self, value: Any) -> str:
        """Return it in lower case, "" for nothing."""
        digits = str(value or "").strip().removeprefix("#").lower()
        if digits and not re.fullmatch("[0-9a-f]{6}", digits):
            raise forms.ValidationError(_("Give a colour such as #c0ffee, its # written %23."))
        return f"#{digits}" if digits else ""


class Picture(forms.FileField):
    """An uploaded picture, decoded; its size is checked before its pixels are."""

    def to_python(self, data: Any) -> Any:
        """Return a `PIL.Image.Image`, None for nothing."""
        file = super().to_python(data)
        if file is None:
            return None
        if file.size > MAX_PICTURE:
            raise forms.ValidationError(too_large())
        try:
            return sandbox.decode(file.read(), MAX_PICTURE)
        except decoding.InvalidPicture as error:
            raise forms.ValidationError(unusable(error)) from error


def too_large() -> str:
    """Return what to do about a picture of too many bytes."""
    return lazily(_("Send at most {most} MB."), most=MAX_PICTURE // 1024**2)


def unusable(error: Exception) -> str:
    """Return what is wrong with a picture; why, in the visitor's language where it is known."""
    return gettext("This picture cannot be used: {why}.").format(why=gettext(str(error)))


class Token(forms.CharField):
    """The token of a picture: its vector (`picture_token.py`)."""

    reads: Callable[[str], Any] = staticmethod(picture_token.Seen.read)
    mend: Any = _("Give it as an answer to a picture said it.")

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=6000, **more)

    def to_python(self, value: Any) -> Any:
        """Return what was read, None for nothing."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            super().run_validators(text)
            return type(self).reads(text)
        except ValueError as error:
            raise forms.ValidationError(self.mend) from error

    def run_validators(self, value: Any) -> None:
        """Do nothing: what was given has been checked before it was read."""


class CursorField(Token):
    """The works on the pages before (cursor.py)."""

    reads = staticmethod(Cursor.read)
    mend: Any = _("Give it as the answer before said it, or begin again without it.")


class BoxField(forms.CharField):
    """x,y,width,height of a detail, each from 0 to 1."""

    def to_python(self, value: Any) -> Any:
        """Return the four numbers, None for nothing."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            x, y, width, height = map(float, text[:200].split(","))
        except ValueError:
            x = math.nan
        # Written so that a comparison with NaN fails.
        if not (math.isfinite(x) and _is_inside(x, width) and _is_inside(y, height)):
            raise forms.ValidationError(_("Give x,y,width,height within 0 to 1: 0.25,0.1,0.5,0.5."))
        return x, y, width, height

    def run_validators(self, value: Any) -> None:
        """There is nothing more to check."""


def _is_inside(start: float, size: float) -> bool:
    return start >= 0 and size > 0 and start + size <= 1 + 1e-6


def weight(what: str) -> forms.FloatField:
    """Return the field of how much `what` counts."""
    mend = lazily(_("Give a number from {least} to {most}."), least=MIN_WEIGHT, most=MAX_WEIGHT)
    return forms.FloatField(
        required=False,
        min_value=MIN_WEIGHT,
        max_value=MAX_WEIGHT,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), mend),
        help_text=f"What {what} should count for beside the rest; 1 unless given.",
    )


def one_of(names: Iterable[str]) -> str:
    """Return the mend for what is none of `names`."""
    return lazily(_("Give one of {names}."), names=", ".join(names))


def whole(least: int, most: int, mend: str) -> forms.IntegerField:
    """Return a field of a whole number; every mistake is answered with `mend`."""
    names = ("invalid", "min_value", "max_value")
    return forms.IntegerField(
        required=False,
        min_value=least,
        max_value=most,
        error_messages=dict.fromkeys(names, mend),
    )


def year() -> forms.IntegerField:
    """Return the field of a year."""
    mend: Any = _("Give a year as a whole number, negative before the common era.")
    return whole(-YEARS, YEARS, lazily(mend))

"""The one place where search parameters are read and checked."""

import re
from typing import Any

from django import forms

from search.filters import Filters
from search.query import LIMIT, RELEVANCE, SORTS, Query, clean
from search.relevance import LEVELS

MAX_LENGTH = 500
MAX_LIMIT = 100
MAX_VALUES = 20
YEARS = 20_000


class Names(forms.Field):
    """Any of several values, given by repeating the parameter."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the values, cleaned, each once."""
        given = [value] if isinstance(value, str) else list(value or ())
        if len(given) > MAX_VALUES:
            raise forms.ValidationError(f"Give at most {MAX_VALUES} values.")
        if any(len(each) > MAX_LENGTH for each in given):
            raise forms.ValidationError(f"Use at most {MAX_LENGTH} characters for each value.")
        return tuple(dict.fromkeys(name for name in map(clean, given) if name))


class Works(forms.Field):
    """Ids of works, given by repeating the parameter."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> tuple[int, ...]:
        """Return the ids, each once."""
        given = [value] if isinstance(value, str | int) else list(value or ())
        ids = [str(each).strip() for each in given if str(each).strip()]
        if len(ids) > MAX_VALUES:
            raise forms.ValidationError(f"Give at most {MAX_VALUES} works.")
        if not all(re.fullmatch("[0-9]{1,18}", each, re.ASCII) for each in ids):
            raise forms.ValidationError("Give the id of a work, a whole number.")
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
        raise forms.ValidationError("Give true or false.")


class Colour(forms.Field):
    """`#rrggbb`, with or without the sign (which an address must write as %23)."""

    def to_python(self, value: Any) -> str:
        """Return it in lower case, "" for nothing."""
        digits = str(value or "").strip().removeprefix("#").lower()
        if digits and not re.fullmatch("[0-9a-f]{6}", digits):
            raise forms.ValidationError("Give a colour such as #c0ffee, its # written %23.")
        return f"#{digits}" if digits else ""


def _whole(least: int, most: int, mend: str) -> forms.IntegerField:
    names = ("invalid", "min_value", "max_value")
    return forms.IntegerField(
        required=False,
        min_value=least,
        max_value=most,
        error_messages=dict.fromkeys(names, mend),
    )


def _year() -> forms.IntegerField:
    return _whole(-YEARS, YEARS, "Give a year as a whole number, negative before the common era.")


class SearchForm(forms.Form):
    """The parameters of a search, as the website and the API take them.

    Those that are `Names` may be repeated: any of the values, and all of the parameters.
    """

    q = forms.CharField(
        required=False,
        max_length=MAX_LENGTH,
        label="Describe a picture",
        error_messages={
            "max_length": "Use at most %(limit_value)d characters; this has %(show_value)d."
        },
    )
    limit = _whole(1, MAX_LIMIT, f"Give a whole number from 1 to {MAX_LIMIT}.")
    offset = _whole(0, 1_000_000, "Give a whole number, 0 or more.")
    sort = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in SORTS],
        error_messages={"invalid_choice": f"Give one of {', '.join(SORTS)}."},
    )
    min_relevance = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in LEVELS],
        error_messages={"invalid_choice": f"Give one of {', '.join(LEVELS)}."},
        help_text="Only works at least so relevant, and their number as count.",
    )
    like = Works(required=False, help_text="Ids of works that the answer should resemble.")
    unlike = Works(required=False, help_text="Ids of works that it should not resemble.")
    type = Names(required=False)
    department = Names(required=False)
    place = Names(required=False)
    artist = Names(required=False)
    style = Names(required=False)
    subject = Names(required=False)
    medium = Names(required=False)
    material = Names(required=False)
    year_from = _year()
    year_to = _year()
    on_view = YesNo(required=False)
    public_domain = YesNo(required=False)
    has_picture = YesNo(required=False)
    colour = Colour(required=False)

    def clean(self) -> dict[str, Any]:
        """Check what no field can see alone."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("year_from"), data.get("year_to")
        if first is not None and last is not None and first > last:
            self.add_error("year_to", f"Give {first} or later, or swap year_from and year_to.")
        return data

    def query(self) -> Query:
        """Return what a valid form asks for; call `is_valid()` first."""
        data: dict[str, Any] = self.cleaned_data
        return Query.parse(
            data["q"],
            limit=data["limit"] or LIMIT,
            offset=data["offset"] or 0,
            sort=data["sort"] or RELEVANCE,
            min_relevance=data["min_relevance"],
            like=data["like"],
            unlike=data["unlike"],
            filters=Filters(**{name: data[name] for name in Filters.__dataclass_fields__}),
        )

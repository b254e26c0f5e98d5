"""The one place where search parameters are read and checked."""

from typing import Any

from django import forms

from search.query import LIMIT, Query

MAX_LENGTH = 500
MAX_LIMIT = 100


class SearchForm(forms.Form):
    """`q`, `limit` and `offset`, as the website and the API take them."""

    q = forms.CharField(
        required=False,
        max_length=MAX_LENGTH,
        label="Describe a picture",
        error_messages={
            "max_length": "Use at most %(limit_value)d characters; this has %(show_value)d."
        },
    )
    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_LIMIT,
        error_messages={
            "invalid": f"Give a whole number from 1 to {MAX_LIMIT}.",
            "min_value": f"Give a whole number from 1 to {MAX_LIMIT}.",
            "max_value": f"Give a whole number from 1 to {MAX_LIMIT}.",
        },
    )
    offset = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=1_000_000,
        error_messages={
            "invalid": "Give a whole number, 0 or more.",
            "min_value": "Give a whole number, 0 or more.",
        },
    )

    def query(self) -> Query:
        """Return what a valid form asks for; call `is_valid()` first."""
        data: dict[str, Any] = self.cleaned_data
        return Query.parse(data["q"], limit=data["limit"] or LIMIT, offset=data["offset"] or 0)

"""The one place where search parameters are read and checked."""

import dataclasses
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from museum.core.http import safe_fetch
from museum.images import decoding, sandbox
from search.query import picture_token
from search.query.facets import FACETS, OLD_NAMES
from search.query.fields import (
    MAX_LENGTH,
    MAX_PICTURE,
    BoxField,
    Colour,
    CursorField,
    Picture,
    Token,
    Works,
    YesNo,
    choice,
    skip,
    unusable,
    weight,
    whole,
    with_facets,
)
from search.query.filters import Filters
from search.query.query import LIMIT, RELEVANCE, SORTS, Query, Weights
from search.ranking.levels import LEVELS

MAX_LIMIT = 100
MAX_OFFSET = 1_000_000
MAX_BODY = MAX_PICTURE + 1024 * 1024


class FilterForm(forms.Form):
    """The words of a search and, in forms that are `with_facets`, the facets.

    A facet that takes names may be repeated: any of its values, and all of the facets given.
    """

    q = forms.CharField(
        required=False,
        max_length=MAX_LENGTH,
        label="Describe a picture",
        error_messages={
            "max_length": _("Use at most %(limit_value)d characters; this has %(show_value)d.")
        },
        help_text='Description of what to look for. "Quotation marks" keep words together; -word '
        "leaves out works that carry the word.",
    )

    def clean(self) -> dict[str, Any]:
        """Check the years, and take the old names of parameters for the new ones."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("year_from"), data.get("year_to")
        if first is not None and last is not None and first > last:
            mend = _("Enter {year} or later, or swap year_from and year_to.")
            self.add_error("year_to", format_lazy(mend, year=first))
        for old, new in OLD_NAMES.items():
            if data.get(old) and data.get(new):
                mend = _("This is the old name of {name}: give {name} alone.")
                self.add_error(old, format_lazy(mend, name=new))
            elif data.get(old):
                data[new] = data[old]
        return data

    def filters(self) -> Filters:
        """Return the facets of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        return Filters(**{name: data[name] for each in FACETS for name in each.parameters})


@with_facets
class SearchForm(FilterForm):
    """The parameters of a search, as the website and the API take them.

    A picture, or the address of one, comes by POST alone: a GET never makes this server fetch
    anything.
    """

    limit = whole(1, MAX_LIMIT, help_text="Number of works on a page.", default=LIMIT)
    offset = skip(MAX_OFFSET, "Number of works to skip.")
    cursor = CursorField(
        required=False,
        help_text="Start of the next page, from the `next` address of the page before. Unlike an "
        "offset, a cursor never repeats a work when the collection changes between pages.",
    )
    sort = choice(SORTS, help_text="Order of the works.", default=RELEVANCE)
    min_relevance = choice(LEVELS, help_text="Only return works at this relevance level or above.")
    dedupe = YesNo(
        required=False,
        help_text="Whether to fold works that are nearly the same, such as prints of one plate, "
        "into one result. Default: true.",
    )
    like = Works(
        required=False,
        help_text="ID of a work that the results should resemble. Repeat the parameter to name "
        "several.",
    )
    unlike = Works(
        required=False,
        help_text="ID of a work that the results should not resemble. Repeat the parameter to name "
        "several.",
    )
    image = Picture(required=False, help_text="Picture to search by, as a file.")
    image_url = forms.CharField(
        required=False,
        max_length=2000,
        help_text="Public address of a picture to search by, instead of a file.",
    )
    picture = Token(
        required=False,
        help_text="Picture sent earlier: the `picture` of that answer. It saves sending the file "
        "again.",
    )
    box = BoxField(
        required=False,
        help_text="Detail to search by, as x,y,width,height, each from 0 to 1. It belongs to the "
        "picture sent, or to the one work in like.",
    )
    color = Colour(
        required=False,
        help_text="Colour to rank works by, as #rrggbb. To filter by a colour instead, use "
        "palette.",
    )
    w_text = weight("Weight of the words.")
    w_like = weight("Weight of each work in like.")
    w_unlike = weight("Weight of each work in unlike.")
    w_image = weight("Weight of the picture.")
    w_color = weight("Weight of the colour.")

    def __init__(self, data: Any, files: Any = None) -> None:
        super().__init__(data, files)
        if files is None:
            del self.fields["image"], self.fields["image_url"]

    def clean(self) -> dict[str, Any]:
        """Check what no field can see alone."""
        data = super().clean()
        given = [name for name in ("image", "image_url", "picture") if data.get(name)]
        if len(given) > 1:
            mend = _("Use either {one} or {other}, not both.")
            self.add_error(given[1], format_lazy(mend, one=given[0], other=given[1]))
        is_sent = data.get("image") or data.get("image_url")
        if data.get("box") and not is_sent and len(data.get("like") or ()) != 1:
            self.add_error(
                "box", _("Use box with exactly one picture: image, image_url or a single like.")
            )
        if data.get("cursor") and (data.get("offset") or is_sent):
            mend = _(
                "Use cursor without offset, image or image_url. For a picture sent earlier, use "
                "picture."
            )
            self.add_error("cursor", mend)
        elif data.get("cursor") and not self.errors:
            self.cleaned_data = data
            if data["cursor"].digest != self.query().digest:
                mend = _("This cursor belongs to another search. Start again without it.")
                self.add_error("cursor", mend)
        if data.get("image_url") and not self.errors:
            self._fetch(data)
        return data

    def _fetch(self, data: dict[str, Any]) -> None:
        # Last of all, so that a search with another mistake asks nobody.
        try:
            data["image"] = sandbox.decode(safe_fetch.fetch(data["image_url"]), MAX_PICTURE)
        except (safe_fetch.FetchRefusedError, decoding.InvalidPictureError) as error:
            self.add_error("image_url", unusable(error))

    def query(self, uploaded: picture_token.PictureToken | None = None) -> Query:
        """Return what a valid form asks for; call `is_valid()` first.

        `uploaded` is the token of a picture that came with the form (`search.engine.requests`).
        """
        data: dict[str, Any] = self.cleaned_data
        return Query.parse(
            data["q"],
            limit=data["limit"] or LIMIT,
            offset=len(data["cursor"].seen) if data["cursor"] else data["offset"] or 0,
            cursor=data["cursor"],
            sort=data["sort"] or RELEVANCE,
            min_relevance=data["min_relevance"],
            dedupe=data["dedupe"] is not False,
            like=data["like"],
            unlike=data["unlike"],
            picture=uploaded or data["picture"],
            box=None if data.get("image") else data["box"],
            color=data["color"],
            weights=Weights(
                **{
                    kind.name: data[f"w_{kind.name}"]
                    for kind in dataclasses.fields(Weights)
                    if data[f"w_{kind.name}"] is not None
                }
            ),
            filters=self.filters(),
        )

"""The one place where search parameters are read and checked."""

import dataclasses
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from museum.core.http import safe_fetch
from museum.core.text.lazy import lazily
from museum.images import decoding, sandbox
from search.query import picture_token
from search.query.fields import (
    MAX_LENGTH,
    MAX_PICTURE,
    BoxField,
    Colour,
    CursorField,
    Names,
    Picture,
    Token,
    Works,
    YesNo,
    one_of,
    unusable,
    weight,
    whole,
    year,
)
from search.query.filters import Filters
from search.query.query import LIMIT, RELEVANCE, SORTS, Query, Weights
from search.ranking.relevance import LEVELS
from search.retrieval import picture_vectors

MAX_LIMIT = 100
MAX_BODY = MAX_PICTURE + 1024 * 1024


class SearchForm(forms.Form):
    """The parameters of a search, as the website and the API take them.

    Those that are `Names` may be repeated: any of the values, and all of the parameters. Pictures
    and where they are come by POST alone: a GET makes this server ask nobody.
    """

    q = forms.CharField(
        required=False,
        max_length=MAX_LENGTH,
        label="Describe a picture",
        error_messages={
            "max_length": _("Use at most %(limit_value)d characters; this has %(show_value)d.")
        },
    )
    limit = whole(1, MAX_LIMIT, lazily(_("Give a whole number from 1 to {most}."), most=MAX_LIMIT))
    offset = whole(0, 1_000_000, lazily(_("Give a whole number, 0 or more.")))
    cursor = CursorField(
        required=False,
        help_text="The next page, as the answer before names it: after the works shown, whatever "
        "has come in since.",
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in SORTS],
        error_messages={"invalid_choice": one_of(SORTS)},
    )
    min_relevance = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in LEVELS],
        error_messages={"invalid_choice": one_of(LEVELS)},
        help_text="Only works at least so relevant, and their number as count.",
    )
    dedupe = YesNo(
        required=False, help_text="false shows each of several works that are nearly the same."
    )
    like = Works(required=False, help_text="Ids of works that the answer should resemble.")
    unlike = Works(required=False, help_text="Ids of works that it should not resemble.")
    image = Picture(required=False, help_text="A picture to search by.")
    image_url = forms.CharField(
        required=False,
        max_length=2000,
        help_text="Where such a picture is on the open Internet, instead of the picture itself.",
    )
    picture = Token(
        required=False,
        help_text="What the model saw in a picture that was sent earlier, as that answer says it.",
    )
    box = BoxField(
        required=False,
        help_text="x,y,width,height, each 0 to 1: the detail meant of the picture sent, or of the "
        "one work in like.",
    )
    color = Colour(
        required=False,
        help_text="A colour to rank by; colour= shows only works that have it.",
    )
    w_text = weight("the words")
    w_like = weight("each work in like")
    w_unlike = weight("each work in unlike")
    w_image = weight("the picture")
    w_color = weight("the colour")
    type = Names(required=False)
    department = Names(required=False)
    place = Names(required=False)
    artist = Names(required=False)
    style = Names(required=False)
    subject = Names(required=False)
    medium = Names(required=False)
    material = Names(required=False)
    year_from = year()
    year_to = year()
    on_view = YesNo(required=False)
    public_domain = YesNo(required=False)
    has_picture = YesNo(required=False)
    colour = Colour(required=False)

    def __init__(self, data: Any, files: Any = None) -> None:
        super().__init__(data, files)
        if files is None:
            del self.fields["image"], self.fields["image_url"]

    def clean(self) -> dict[str, Any]:
        """Check what no field can see alone."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("year_from"), data.get("year_to")
        if first is not None and last is not None and first > last:
            mend = _("Give {year} or later, or swap year_from and year_to.")
            self.add_error("year_to", lazily(mend, year=first))
        given = [name for name in ("image", "image_url", "picture") if data.get(name)]
        if len(given) > 1:
            mend = _("Give either {one} or {other}.")
            self.add_error(given[1], lazily(mend, one=given[0], other=given[1]))
        is_sent = data.get("image") or data.get("image_url")
        if data.get("box") and not is_sent and len(data.get("like") or ()) != 1:
            self.add_error("box", _("Give it with one picture: image, image_url, or one like."))
        if data.get("cursor") and (data.get("offset") or is_sent):
            mend = _("Give it without offset and with picture= for a picture sent.")
            self.add_error("cursor", mend)
        elif data.get("cursor") and not self.errors:
            self.cleaned_data = data
            if not data["cursor"].belongs_to(self.query()):
                mend = _("This is the cursor of another search: begin again.")
                self.add_error("cursor", mend)
        if data.get("image_url") and not self.errors:
            self._fetch(data)
        return data

    def _fetch(self, data: dict[str, Any]) -> None:
        # Last of all, so that a search with another mistake asks nobody.
        try:
            data["image"] = sandbox.decode(safe_fetch.fetch(data["image_url"]), MAX_PICTURE)
        except (safe_fetch.Refused, decoding.InvalidPicture) as error:
            self.add_error("image_url", unusable(error))

    def _seen(self) -> picture_token.Seen | None:
        given = self.cleaned_data
        if given.get("image") is not None:
            return picture_vectors.see(given["image"], given["box"])
        token: picture_token.Seen | None = given["picture"]
        return token

    def query(self) -> Query:
        """Return what a valid form asks for; call `is_valid()` first.

        An uploaded picture is encoded here. Raises `picture_vectors.Blind` if no model can do that.
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
            picture=self._seen(),
            box=None if data.get("image") else data["box"],
            color=data["color"],
            weights=Weights(
                **{
                    kind.name: data[f"w_{kind.name}"]
                    for kind in dataclasses.fields(Weights)
                    if data[f"w_{kind.name}"] is not None
                }
            ),
            filters=Filters(**{name: data[name] for name in Filters.__dataclass_fields__}),
        )

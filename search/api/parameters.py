"""The parameters of each address. Those of a search are the website's form; the rest is the API's.

An unknown parameter is an error that names it and lists the known ones.
"""

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from search.api import deprecation, problems, serializers
from search.engine import similar
from search.query.facets import COUNTED
from search.query.fields import MAX_LENGTH, choice, skip, whole, with_facets
from search.query.forms import MAX_BODY, MAX_LIMIT, MAX_OFFSET, FilterForm, SearchForm
from search.query.query import LIMIT, Query
from search.text import clean

FORMATS = ("json", "csv", "jsonl")
# Parameters that say how to answer, or what to leave out of the answer.
SAYS_NOTHING = {
    "limit", "offset", "sort", "format", "fields", "min_relevance", "unlike", "dedupe",
    "box", "cursor", "w_text", "w_like", "w_unlike", "w_image", "w_color",
}  # fmt: skip
SIMILAR, MAX_SIMILAR = 12, 100
SUGGESTIONS, MAX_SUGGESTIONS = 10, 50


class FieldsField(forms.CharField):
    """Names of fields, separated by commas; cleaned to a tuple, empty for all."""

    def __init__(
        self, names: Iterable[str], help_text: str = "Only these fields of each work, with its id."
    ) -> None:
        super().__init__(required=False, help_text=f"{help_text} Separate names with commas.")
        self.names = tuple(names)

    def clean(self, value: Any) -> Any:
        """Return the names; refuse one that is unknown."""
        named = [name.strip() for name in (super().clean(value) or "").split(",")]
        named = [name for name in named if name]
        if unknown := [name for name in named if name not in self.names]:
            raise forms.ValidationError(
                f"Unknown field: {', '.join(unknown)[:200]}. Known fields: {', '.join(self.names)}."
            )
        return tuple(named)


class ApiForm(forms.Form):
    """A form that knows which of the parameters given it does not take."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.parameters = data
        self.uploads = files or {}

    def errors_by_parameter(self) -> dict[str, list[str]]:
        """Return what is wrong with each parameter, unknown and repeated ones included."""
        errors = {name: [str(error) for error in found] for name, found in self.errors.items()}
        for name in [*self.parameters, *self.uploads]:
            if name not in self.fields:
                known = ", ".join(self.fields)
                errors[name[:100]] = [f"Unknown parameter. Known parameters: {known}."]
            elif len(self.parameters.getlist(name)) > 1 and not takes_several(self.fields[name]):
                errors[name] = ["Use this parameter only once."]
        return errors


def takes_several(field: forms.Field) -> bool:
    """Whether a parameter may be repeated."""
    return bool(
        getattr(field.widget, "allow_multiple_selected", False)
        or getattr(field, "takes_several", False)
    )


class SearchParameters(ApiForm, SearchForm):
    """A search that says what to look for: a page may be blank, a call of an API is a mistake."""

    format = choice(
        FORMATS,
        help_text="Format of the answer, unless the Accept header names one. csv and jsonl without "
        "a limit return all works found, up to 1,000.",
        default="json",
    )

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        # Django's forms use the name `fields` themselves, so it cannot be declared above.
        self.fields["fields"] = FieldsField(serializers.HitSerializer.names())

    def clean(self) -> dict[str, Any]:
        """Refuse a search for nothing at all."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        said = {**data, "q": clean(data.get("q", ""))}
        says = {name for name, value in said.items() if value not in (None, "", (), [])}
        if not says - SAYS_NOTHING and not self.errors:
            self.add_error("q", "Enter what to look for, such as q=red+boat+at+sunset.")
        return data


class ArtworkParameters(ApiForm):
    """Which fields of one work."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        names = serializers.RecordSerializer.names()
        self.fields["fields"] = FieldsField(names, "Only these fields, with the id.")


class SimilarParameters(ApiForm):
    """By what works are alike, and how many."""

    by = choice(
        similar.KINDS,
        help_text="How works are alike: picture by what they look like, meaning by what their "
        "descriptions say, artist by who made them.",
        default="picture",
    )
    limit = whole(1, MAX_SIMILAR, help_text="Number of works.", default=SIMILAR)

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["fields"] = FieldsField(serializers.HitSerializer.names())


class SuggestParameters(ApiForm):
    """What has been typed so far."""

    q = forms.CharField(
        max_length=MAX_LENGTH,
        error_messages={
            "required": "Enter the letters typed so far, such as q=wat.",
            "max_length": "Use at most %(limit_value)d characters; this has %(show_value)d.",
        },
        help_text="First letters of a title, or of a word in the name of an artist or subject. "
        "Case and accents do not matter.",
    )
    limit = whole(1, MAX_SUGGESTIONS, help_text="Number of suggestions.", default=SUGGESTIONS)

    def clean_q(self) -> str:
        """Refuse letters of which none can be seen."""
        typed: str = self.cleaned_data["q"]
        if not clean(typed):
            raise forms.ValidationError(self.fields["q"].error_messages["required"])
        return typed


class PageParameters(ApiForm):
    """One page of a list."""

    limit = whole(1, MAX_LIMIT, help_text="Number of results on a page.", default=LIMIT)
    offset = skip(MAX_OFFSET, "Number of results to skip.")

    def page(self) -> tuple[int, int]:
        """Return limit and offset of a valid form."""
        return self.cleaned_data["limit"] or LIMIT, self.cleaned_data["offset"] or 0


class CollectionsParameters(PageParameters):
    """One page of collections, and which fields of each."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        names = serializers.CollectionSerializer.names()
        about = "Only these fields of each collection, with its slug."
        self.fields["fields"] = FieldsField(names, about)


class CollectionParameters(PageParameters):
    """One page of the works of a collection, and which fields of each."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["fields"] = FieldsField(serializers.WorkSerializer.names())


@with_facets
class FacetsParameters(ApiForm, FilterForm):
    """Words and facets, or nothing at all: then the whole collection is counted."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["fields"] = FieldsField(COUNTED, "Only these facets.")

    def query(self) -> Query:
        """Return what a valid form asks for."""
        return Query.parse(self.cleaned_data["q"], filters=self.filters())


class NoParameters(ApiForm):
    """An address that takes none."""


AnyForm = TypeVar("AnyForm", bound=ApiForm)


def read(kind: type[AnyForm], request: Request) -> AnyForm:
    """Return the valid form of a request; raises a problem that names every bad parameter.

    A body that is sent by POST may be a form or a JSON object with the same names.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise problems.Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request body is too large. Send at most {MAX_BODY // 1024**2} MB.",
        )
    if request.method == "POST":
        given = _posted(request)
        deprecation.note(request, given)
        return _checked(kind(given, request.FILES))
    deprecation.note(request, request.query_params)
    return _known(kind, request.query_params.urlencode())


def _checked(form: AnyForm) -> AnyForm:
    if errors := form.errors_by_parameter():
        named = ", ".join(errors)
        raise problems.Problem(HTTPStatus.BAD_REQUEST, f"Invalid parameters: {named}.", errors)
    return form


@lru_cache(maxsize=256)
def _known(kind: type[AnyForm], address: str) -> AnyForm:
    # Thirty fields take Django half of the time that an answer takes that is kept. What is raised
    # is not kept: it is said in the language of whoever asked.
    form = _checked(kind(QueryDict(address)))
    # The fields, hundreds of objects, have said what they know.
    form.__dict__ = {name: vars(form)[name] for name in ("parameters", "uploads", "cleaned_data")}
    return form


def _posted(request: Request) -> QueryDict:
    try:
        body = request.data
    except RecursionError as error:
        raise ParseError("The JSON is nested too deeply.") from error
    if isinstance(body, QueryDict):
        given = QueryDict(mutable=True)  # a copy of what was posted would copy its files
        for name, values in body.lists():
            if name not in request.FILES:
                given.setlist(name, values)
    elif isinstance(body, dict):
        given = QueryDict(mutable=True)
        for name, value in body.items():
            values = value if isinstance(value, list) else [value]
            given.setlist(name, [_text(name, each) for each in values if each is not None])
    else:
        raise problems.Problem(
            HTTPStatus.BAD_REQUEST, 'Send a JSON object, such as {"q": "red boat at sunset"}.'
        )
    # What the address says counts as well: `POST /api/search?format=csv`.
    for name, values in request.query_params.lists():
        given.setlist(name, [*given.getlist(name), *values])
    return given


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise problems.Problem(
        HTTPStatus.BAD_REQUEST,
        f"Invalid parameters: {name[:100]}.",
        {name[:100]: ["Send text, a number, true or false, or a list of these."]},
    )

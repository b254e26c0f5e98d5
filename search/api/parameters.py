"""The parameters of each address. Those of a search are the website's form; the rest is the API's.

An unknown parameter is an error that names it and says which there are.
"""

from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from search.api import problems, serializers
from search.query.fields import MAX_LENGTH
from search.query.forms import MAX_BODY, SearchForm
from search.text import clean

FORMATS = ("json", "csv", "jsonl")
# Parameters that say how to answer, or what not to answer with.
SAYS_NOTHING = {
    "limit", "offset", "sort", "format", "fields", "min_relevance", "unlike", "dedupe",
    "box", "cursor", "w_text", "w_like", "w_unlike", "w_image", "w_color",
}  # fmt: skip
MAX_SIMILAR = 100
MAX_SUGGESTIONS = 50


class FieldsField(forms.CharField):
    """Names of fields, separated by commas; cleaned to a tuple, empty for all."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(required=False, help_text="Only these fields of each work; id is always.")
        self.names = names

    def clean(self, value: Any) -> Any:
        """Return the names; refuse one that there is not."""
        wanted = [name.strip() for name in (super().clean(value) or "").split(",")]
        wanted = [name for name in wanted if name]
        if unknown := [name for name in wanted if name not in self.names]:
            raise forms.ValidationError(
                f"There is no field {', '.join(unknown)[:200]}; there are {', '.join(self.names)}."
            )
        return tuple(wanted)


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
                errors[name[:100]] = [f"There is no such parameter; there are {known}."]
            elif len(self.parameters.getlist(name)) > 1 and not takes_several(self.fields[name]):
                errors[name] = ["Give it once."]
        return errors


def takes_several(field: forms.Field) -> bool:
    """Whether a parameter may be repeated."""
    return bool(
        getattr(field.widget, "allow_multiple_selected", False)
        or getattr(field, "takes_several", False)
    )


class SearchParameters(ApiForm, SearchForm):
    """A search that says what to look for: a page may be blank, a call of an API is a mistake."""

    format = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in FORMATS],
        error_messages={"invalid_choice": f"Give one of {', '.join(FORMATS)}."},
        help_text="json is one page; csv and jsonl without a limit are the whole answer, at most "
        "1,000 works. The Accept header does as well.",
    )

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        # Django's forms use the name `fields` themselves, so it cannot be declared above.
        self.fields["fields"] = FieldsField(serializers.HIT_FIELDS)

    def clean(self) -> dict[str, Any]:
        """Refuse a search for nothing at all."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        said = {**data, "q": clean(data.get("q", ""))}
        says = {name for name, value in said.items() if value not in (None, "", (), [])}
        if not says - SAYS_NOTHING and not self.errors:
            self.add_error("q", "Say what to look for: q=red+boat+at+sunset.")
        return data


class ArtworkParameters(ApiForm):
    """Which fields of one work."""

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["fields"] = FieldsField(serializers.WORK_FIELDS)


class SimilarParameters(ApiForm):
    """By what works are alike, and how many."""

    by = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in ("picture", "meaning", "artist")],
        error_messages={"invalid_choice": "Give one of picture, meaning, artist."},
        help_text="picture: what it looks like; meaning: what its descriptions say; artist: by the "
        "same artist, most alike first. Default: picture.",
    )
    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_SIMILAR,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Give a whole number from 1 to {MAX_SIMILAR}."
        ),
        help_text="Default: 12.",
    )

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["fields"] = FieldsField(serializers.HIT_FIELDS)


class SuggestParameters(ApiForm):
    """What has been typed so far."""

    q = forms.CharField(
        max_length=MAX_LENGTH,
        error_messages={
            "required": "Give the letters typed so far: q=wat.",
            "max_length": "Use at most %(limit_value)d characters; this has %(show_value)d.",
        },
        help_text="The first letters; accents and case do not matter.",
    )
    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_SUGGESTIONS,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            f"Give a whole number from 1 to {MAX_SUGGESTIONS}.",
        ),
        help_text="Default: 10.",
    )

    def clean_q(self) -> str:
        """Refuse letters of which none can be seen."""
        typed: str = self.cleaned_data["q"]
        if not clean(typed):
            raise forms.ValidationError(self.fields["q"].error_messages["required"])
        return typed


class NoParameters(ApiForm):
    """An address that takes none."""


AnyForm = TypeVar("AnyForm", bound=ApiForm)


def read(kind: type[AnyForm], request: Request) -> AnyForm:
    """Return the valid form of a request; raises a problem that names every bad parameter.

    A body that is sent by POST may be a form or a JSON object with the same names.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise problems.Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Send at most {MAX_BODY // 1024**2} MB."
        )
    if request.method == "POST":
        return _checked(kind(_posted(request), request.FILES))
    return _known(kind, request.query_params.urlencode())


def _checked(form: AnyForm) -> AnyForm:
    if errors := form.errors_by_parameter():
        named = ", ".join(errors)
        raise problems.Problem(
            HTTPStatus.BAD_REQUEST, f"These parameters need mending: {named}.", errors
        )
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
            HTTPStatus.BAD_REQUEST, 'Send a JSON object: {"q": "red boat at sunset"}.'
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
        f"These parameters need mending: {name[:100]}.",
        {name[:100]: ["Give text, a number, true or false, or a list of these."]},
    )

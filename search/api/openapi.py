"""The OpenAPI document: parameters come from the forms that read them, answers from serializers."""

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from django import forms
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.serializers import Serializer

from museum.core.http.problem_details import MEDIA_TYPE
from search import exports
from search.api.parameters import ApiForm, FieldsField, SearchParameters, takes_several
from search.api.serializers import ProblemSerializer
from search.query.facets import OLD_NAMES
from search.query.fields import MAX_VALUES, BoxField, Colour, Names, Picture, Works, YesNo

Schema = dict[str, Any]
BODY = "SearchRequest"
MEDIA_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
PROBLEMS = {
    400: "A parameter is invalid; `errors` names it.",
    401: "The token is unknown or revoked.",
    404: "There is no such work or collection.",
    405: "The address does not support this method.",
    406: "None of the accepted media types is available.",
    410: "The model behind the cursor is gone. Start again without the cursor.",
    413: "The body is too large.",
    415: "The body has an unsupported media type.",
    429: "Too many requests; Retry-After says when to try again.",
    500: "Something went wrong on the server.",
    503: "The search is temporarily unavailable; Retry-After says when to try again.",
}
SEARCHES = {"search", "searchByPost"}
WITHOUT_404 = {*SEARCHES, "suggest", "models", "facets", "collections"}
# What each header of an answer says, and on which answers it is.
HEADERS: dict[str, tuple[str, list[int]]] = {
    "RateLimit": ("Requests left, and seconds until there are more.", [200, 304, 429]),
    "RateLimit-Policy": ("Requests allowed, and in how many seconds.", [200, 304, 429]),
    "Retry-After": ("Seconds until the request may succeed.", [429, 503]),
    "Deprecation": ("Since when a parameter of the request has been deprecated.", [200]),
    "Sunset": ("When that parameter may stop working.", [200]),
}
HEADERS_OF_GET = {"ETag": ("Version of the answer, for If-None-Match.", [200, 304])}
LINK = {"Link": ("Addresses of the first, previous and next page.", [200])}


def described(
    operation: str,
    summary: str,
    form: type[ApiForm],
    answer: type[Serializer],
    *,
    exports: bool = False,
    post: bool = False,
) -> Callable[[Any], Any]:
    """Describe one method of a view, of which `form` reads the parameters."""
    return extend_schema(
        operation_id=operation,
        summary=summary,
        parameters=[
            *([] if post else _query_parameters(form)),
            *_path_parameters(operation),
            *_headers(operation, post),
        ],
        request=dict.fromkeys(MEDIA_TYPES, _reference(BODY)) if post else None,
        responses=_responses(operation, answer, exports, post),
    )


def _responses(
    operation: str, answer: type[Serializer], has_exports: bool, post: bool
) -> dict[Any, OpenApiResponse]:
    found: dict[Any, OpenApiResponse] = {
        (200, "application/json"): OpenApiResponse(answer, "The answer.")
    }
    if has_exports:
        for renderer in (exports.CsvRenderer, exports.JsonLinesRenderer):
            about = OpenApiResponse({"type": "string"}, "The works as a file.")
            found[200, renderer.media_type] = about
    if not post:
        found[304] = OpenApiResponse(description="The answer named in If-None-Match is current.")
    left_out = {404} if operation in WITHOUT_404 else set()
    left_out |= set() if post else {413, 415}
    left_out |= set() if operation in SEARCHES else {410}
    for status, meaning in PROBLEMS.items():
        if status not in left_out:
            found[status, MEDIA_TYPE] = OpenApiResponse(ProblemSerializer, meaning)
    return found


def _headers(operation: str, post: bool) -> list[OpenApiParameter]:
    headers = {**HEADERS, **({} if post else HEADERS_OF_GET)}
    if not post and operation in {"search", "collections", "collection"}:
        headers |= LINK
    return [
        OpenApiParameter(
            name, str, OpenApiParameter.HEADER, description=about, response=[*map(str, statuses)]
        )
        for name, (about, statuses) in headers.items()
    ]


def _path_parameters(operation: str) -> list[OpenApiParameter]:
    if operation in {"artwork", "similar"}:
        return [OpenApiParameter("id", int, OpenApiParameter.PATH, description="ID of a work.")]
    if operation == "collection":
        about = "Slug of a collection."
        return [OpenApiParameter("slug", str, OpenApiParameter.PATH, description=about)]
    return []


def _query_parameters(form: type[ApiForm]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name,
            type=schema_of(field),
            description=str(field.help_text),
            required=field.required,
            deprecated=name in OLD_NAMES,
            explode=True if takes_several(field) else None,
        )
        for name, field in form(QueryDict()).fields.items()
    ]


def schema_of(field: forms.Field) -> Schema:
    """Return what a parameter takes, as far as JSON Schema can say it."""
    schema = _schema_of(field)
    if takes_several(field):
        return {"type": "array", "items": schema, "maxItems": MAX_VALUES}
    return schema


# A form in a page sends what was left empty as an empty text.
@singledispatch
def _schema_of(field: forms.Field) -> Schema:
    raise TypeError(f"No JSON Schema is known for {type(field).__name__}.")


@_schema_of.register
def _(field: forms.CharField) -> Schema:
    visible = r"[^\s\u0000-\u001f\u007f-\u009f][^\u0000]*" if field.required else ""
    schema = {"type": "string", "pattern": rf"^[^\u0000]*{visible}$"}
    return schema | ({"maxLength": field.max_length} if field.max_length else {})


@_schema_of.register
def _(field: Names) -> Schema:
    return {"type": "string"}


@_schema_of.register
def _(field: FieldsField) -> Schema:
    names = "|".join(field.names)
    return {"type": "string", "pattern": f"^(({names})(,({names}))*)?$"}


@_schema_of.register
def _(field: forms.IntegerField) -> Schema:
    return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}


@_schema_of.register
def _(field: forms.FloatField) -> Schema:
    return {"type": "number", "minimum": field.min_value, "maximum": field.max_value}


@_schema_of.register
def _(field: forms.ChoiceField) -> Schema:
    choices: Any = field.choices
    return {"type": "string", "enum": [str(key) for key, _ in choices]}


@_schema_of.register
def _(field: YesNo) -> Schema:
    return {"type": "boolean"}


@_schema_of.register
def _(field: Works) -> Schema:
    return {"type": "integer", "minimum": 0}


@_schema_of.register
def _(field: Colour) -> Schema:
    return {"type": "string", "pattern": "^(#?[0-9a-fA-F]{6})?$"}


@_schema_of.register
def _(field: BoxField) -> Schema:
    share = r"[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?"
    return {"type": "string", "pattern": f"^({share}(,{share}){{3}})?$"}


@_schema_of.register
def _(field: Picture) -> Schema:
    return {"type": "string", "format": "binary"}


def _reference(component: str) -> Schema:
    return {"$ref": f"#/components/schemas/{component}"}


def add_request_body(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what a search by POST takes to a generated document (a hook of drf-spectacular)."""
    properties = {}
    for name, field in SearchParameters(QueryDict(), {}).fields.items():
        properties[name] = {**schema_of(field), "description": str(field.help_text)}
        properties[name] |= {"deprecated": True} if name in OLD_NAMES else {}
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas[BODY] = {"type": "object", "properties": properties, "additionalProperties": False}
    return result

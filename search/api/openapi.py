"""The OpenAPI description: parameters are read off the forms, answers are written down here."""

from collections.abc import Callable
from typing import Any

from django import forms
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from search.api import serializers
from search.api.parameters import ApiForm, FieldsField, takes_several
from search.api.problems import ProblemRenderer
from search.query.fields import BoxField, Colour, Picture, Works, YesNo
from search.ranking.relevance import LEVELS

Schema = dict[str, Any]

STRING, NUMBER, INTEGER, BOOLEAN = (
    {"type": name} for name in ("string", "number", "integer", "boolean")
)
TEXT: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": ["integer", "null"]}
STRINGS: Schema = {"type": "array", "items": STRING}
ADDRESS: Schema = {"type": ["string", "null"], "format": "uri"}


def _object(required: bool = True, /, **properties: Schema) -> Schema:
    named = {name.rstrip("_"): schema for name, schema in properties.items()}
    return {"type": "object", "properties": named, **({"required": [*named]} if required else {})}


def _list(component: str) -> Schema:
    return {"type": "array", "items": ref(component)}


def ref(component: str) -> Schema:
    """Return a reference to one of `COMPONENTS`."""
    return {"$ref": f"#/components/schemas/{component}"}


MODEL = _object(name=STRING, fingerprint=STRING)
ABOUT: dict[str, Schema] = {
    "model": {
        "oneOf": [MODEL, {"type": "null"}],
        "description": "The model that answered; null before one is activated.",
    },
    "licences": {
        **_object(model=TEXT, texts=STRINGS),
        "description": "Of the model, and of the texts of the works in this answer.",
    },
}
CHANNEL = _object(rank={"type": "integer", "minimum": 1}, value=NUMBER)
_LISTS = (
    "alt_titles", "classifications", "styles", "subjects", "materials", "techniques", "terms",
    "categories", "images",
)  # fmt: skip
MARKS: Schema = {
    "type": "array",
    "items": {"type": "array", "items": INTEGER, "minItems": 2, "maxItems": 2},
    "description": "Start and end of each word that matched, in characters.",
}
_OTHER: dict[str, Schema] = {
    "id": INTEGER,
    "title": STRING,
    "image": ADDRESS,
    "url": {"type": "string", "format": "uri"},
    "source": STRING,
    "score": {"type": "number", "description": "0 to 1, comparable within one answer."},
    "distance": {
        "type": ["number", "null"],
        "description": "Cosine distance of the picture to the query, or of the best passage.",
    },
    "relevance": {
        "type": "string",
        "enum": list(LEVELS),
        "description": "By how far it is above what this query gives works by chance, or by the "
        "words it carries.",
    },
    "z": {
        "type": ["number", "null"],
        "description": "Standard deviations above chance; null where nothing was compared.",
    },
    "channels": {
        "type": "object",
        "additionalProperties": CHANNEL,
        "description": "By what it was found, and how well by each.",
    },
    "duplicates": {
        "type": "integer",
        "minimum": 0,
        "description": "Works nearly the same as this one that were folded into it.",
    },
    "why": _object(
        title=MARKS,
        passage={
            "oneOf": [
                _object(
                    text=STRING, source=STRING, cosine={"type": ["number", "null"]}, marks=MARKS
                ),
                {"type": "null"},
            ]
        },
    ),
    "date_start": WHOLE,
    "date_end": WHOLE,
    "iiif": {
        "oneOf": [_object(base=STRING, info=STRING, width=WHOLE, height=WHOLE), {"type": "null"}]
    },
    "descriptions": _list("Description"),
}


def _field(name: str) -> Schema:
    if name in _OTHER:
        return _OTHER[name]
    if name in _LISTS:
        return STRINGS
    return BOOLEAN if name.startswith("is_") else TEXT


def _with_id(names: tuple[str, ...]) -> Schema:
    # `fields=` may leave out all but the id.
    return {**_object(False, **{name: _field(name) for name in names}), "required": ["id"]}


COMPONENTS: dict[str, Schema] = {
    "Problem": {
        **_object(
            type=STRING,
            title=STRING,
            status=INTEGER,
            detail=STRING,
            errors={"type": "object", "additionalProperties": STRINGS},
        ),
        "required": ["type", "title", "status", "detail"],
        "description": "Problem details (RFC 9457); `errors` names each bad parameter.",
    },
    "Hit": _with_id(serializers.HIT_FIELDS),
    "Description": _object(
        source=STRING,
        language=STRING,
        text=STRING,
        html=STRING,
        licence=TEXT,
        is_generated=BOOLEAN,
    ),
    "Model": _object(
        name=STRING,
        architecture=STRING,
        fingerprint=STRING,
        dimension=INTEGER,
        state=STRING,
        is_synthetic=BOOLEAN,
        licence=TEXT,
        activated_at=TEXT,
    ),
    "Suggestion": _object(text=STRING, kind={"enum": ["title", "artist", "subject"]}, works=WHOLE),
    "SearchAnswer": _object(
        query=STRING,
        **ABOUT,
        count=INTEGER,
        limit=INTEGER,
        offset=INTEGER,
        seconds=NUMBER,
        warnings=STRINGS,
        picture={**TEXT, "description": "What picture= takes to ask again by the picture sent."},
        next={**ADDRESS, "description": "The next page, by cursor; null after the last."},
        results=_list("Hit"),
    ),
    "SimilarAnswer": _object(id=INTEGER, by=STRING, **ABOUT, results=_list("Hit")),
    "SuggestAnswer": _object(query=STRING, **ABOUT, suggestions=_list("Suggestion")),
    "ModelsAnswer": _object(**ABOUT, models=_list("Model")),
}
COMPONENTS |= {
    "FacetValue": _object(
        value={"type": "string", "description": "A century is its first year."},
        works={"type": "integer", "minimum": 1},
        is_chosen=BOOLEAN,
    ),
    "FacetsAnswer": _object(
        query=STRING,
        **ABOUT,
        facets={
            "type": "object",
            "additionalProperties": _list("FacetValue"),
            "description": "Values of each field with the works that each would keep, most first.",
        },
    ),
    "Collection": {
        **_object(
            False,
            slug=STRING,
            title=STRING,
            text=STRING,
            licence=TEXT,
            image=ADDRESS,
            count={"type": "integer", "description": "Works in it."},
            published_from=STRING,
            published_until=TEXT,
            url={"type": "string", "format": "uri"},
        ),
        "required": ["slug"],
    },
    "Work": _with_id(serializers.SUMMARY_FIELDS),
    "CollectionsAnswer": _object(
        **ABOUT, count=INTEGER, limit=INTEGER, offset=INTEGER, results=_list("Collection")
    ),
    "CollectionAnswer": _object(
        collection=ref("Collection"),
        **ABOUT,
        count=INTEGER,
        limit=INTEGER,
        offset=INTEGER,
        results=_list("Work"),
    ),
}
COMPONENTS["ArtworkAnswer"] = _with_id(serializers.WORK_FIELDS)
COMPONENTS["ArtworkAnswer"]["properties"] |= ABOUT
NEVER_404 = {"search", "searchByPost", "suggest", "models", "facets", "collections"}
PROBLEMS = {
    400: "A parameter is wrong; it is named.",
    401: "The token is unknown or revoked.",
    404: "There is no such work or collection.",
    410: "The model that made the pages before is gone.",
    406: "None of the accepted media types is offered.",
    413: "The body is too large.",
    415: "The body is of a media type that is not read.",
    429: "Too many requests; Retry-After says when to come back.",
    500: "A mistake of the server.",
    503: "The database does not answer, or no model is there to look at the picture.",
}


def described(
    operation: str,
    form: type[ApiForm],
    answer: str,
    *,
    exports: bool = False,
    post: bool = False,
) -> Callable[[Any], Any]:
    """Describe one method of a view, of which `form` reads the parameters."""
    left_out = {404} if operation in NEVER_404 else set()
    left_out |= set() if post else {413, 415}
    left_out |= set() if operation in {"search", "searchByPost"} else {410}
    responses: dict[Any, Any] = {(200, "application/json"): _response(answer, "The answer.")}
    if exports:
        for media_type in ("text/csv", "application/jsonl"):
            responses[200, media_type] = OpenApiResponse(STRING, "The works as a file.")
    if not post:
        responses[304] = OpenApiResponse(description="What If-None-Match names is still so.")
    for status, meaning in PROBLEMS.items():
        if status not in left_out:
            responses[status, ProblemRenderer.media_type] = _response("Problem", meaning)
    fields = _fields(form, post)
    query = [_parameter(name, field) for name, field in fields.items()]
    if post:
        body = _object(False, **{f"{n}_": _schema_of(f) for n, f in fields.items()})
        body |= {"additionalProperties": False}
        media_types = (
            "application/json", "application/x-www-form-urlencoded", "multipart/form-data",
        )  # fmt: skip
        request: Any = dict.fromkeys(media_types, body)
        return extend_schema(operation_id=operation, request=request, responses=responses)
    return extend_schema(operation_id=operation, parameters=query, responses=responses)


def _response(component: str, meaning: str) -> OpenApiResponse:
    return OpenApiResponse(ref(component), meaning)


def _fields(form: type[ApiForm], post: bool) -> dict[str, forms.Field]:
    from django.http import QueryDict  # noqa: PLC0415

    return dict(form(QueryDict(), {} if post else None).fields)


def _parameter(name: str, field: forms.Field) -> OpenApiParameter:
    schema = _schema_of(field)
    about = schema.pop("description", "")
    return OpenApiParameter(
        name,
        type=schema,
        description=about,
        required=field.required,
        explode=True if schema.get("type") == "array" else None,
    )


# A form in a page sends what was left empty as an empty text.
_SHARE = r"[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?"
_OWN: dict[type[forms.Field], Schema] = {
    YesNo: BOOLEAN,
    Works: {"type": "integer", "minimum": 0},
    BoxField: {"type": "string", "pattern": f"^({_SHARE}(,{_SHARE}){{3}})?$"},
    Colour: {"type": "string", "pattern": "^(#?[0-9a-fA-F]{6})?$"},
    Picture: {"type": "string", "format": "binary"},
}


def _schema_of(field: forms.Field) -> Schema:
    """Return what `field` takes, as far as JSON Schema can say it."""
    schema: Schema
    if isinstance(field, forms.IntegerField):
        schema = {"type": "integer"}
        bounds = {"minimum": field.min_value, "maximum": field.max_value}
        schema |= {key: value for key, value in bounds.items() if value is not None}
    elif isinstance(field, forms.FloatField):
        schema = {"type": "number", "minimum": field.min_value, "maximum": field.max_value}
    elif isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        schema = {"type": "string", "enum": [str(key) for key, _ in choices]}
    elif isinstance(field, FieldsField):
        names = "|".join(field.names)
        schema = {"type": "string", "pattern": f"^(({names})(,({names}))*)?$"}
    elif type(field) in _OWN:
        schema = dict(_OWN[type(field)])
    else:
        schema = {"type": "string"}
        if (most := getattr(field, "max_length", None)) is not None:
            schema["maxLength"] = most
        if isinstance(field, forms.CharField):
            visible = r"[^\s\u0000-\u001f\u007f-\u009f][^\u0000]*" if field.required else ""
            schema["pattern"] = rf"^[^\u0000]*{visible}$"
    if takes_several(field):
        schema = {"type": "array", "items": schema, "maxItems": 20}
    if field.help_text:
        schema["description"] = str(field.help_text)
    return schema


def add_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add `COMPONENTS` to a generated description (a hook of drf-spectacular)."""
    components = result.setdefault("components", {})
    components["schemas"] = dict(sorted({**components.get("schemas", {}), **COMPONENTS}.items()))
    return result

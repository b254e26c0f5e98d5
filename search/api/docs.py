"""The documentation of the API: an OpenAPI document for programs, and a page for people.

The page is made from that document and needs no scripts. Swagger UI would bring ten megabytes of
them to a site whose Content-Security-Policy allows neither inline styles nor other hosts.
"""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from search.api.base import ApiView
from search.api.conditional import conditional


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; it changes with the code alone."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


class SchemaView(ApiView):
    """The OpenAPI document of this API."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Read the description."""
        return conditional(request, Response(description()), description())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, and a form to try it where that needs no path."""
    document = description()
    schemas = document["components"]["schemas"]
    operations = [
        _operation(path, method, operation, schemas)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    context = {"info": document["info"], "operations": operations}
    return render(request, "search/api.html", context)


def _operation(
    path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    parameters = [
        {
            "name": each["name"],
            "in": each["in"],
            "required": each.get("required", False),
            "about": each.get("description", ""),
            "kind": _kind(each["schema"], schemas),
            "choices": each["schema"].get("enum", []),
        }
        for each in operation.get("parameters", [])
    ]
    answers = [
        {"status": status, "about": each["description"], "media_types": [*each.get("content", {})]}
        for status, each in operation["responses"].items()
    ]
    content = operation["responses"]["200"]["content"]["application/json"]["schema"]
    component = content["$ref"].rpartition("/")[2]
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method.upper(),
        "about": operation.get("description", ""),
        "parameters": parameters,
        "body": [*operation.get("requestBody", {}).get("content", {})],
        "answers": answers,
        "fields": [
            {"name": name, "kind": _kind(schema, schemas), "about": schema.get("description", "")}
            for name, schema in schemas[component]["properties"].items()
        ],
        "can_try": method == "get" and "{" not in path,
    }


def _kind(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return in words what a value may be."""
    if "$ref" in schema:
        name = str(schema["$ref"].rpartition("/")[2])
        return _kind(schemas[name], schemas) if "enum" in schemas[name] else name
    if "oneOf" in schema:
        return " or ".join(_kind(each, schemas) for each in schema["oneOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema['items'], schemas)}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)

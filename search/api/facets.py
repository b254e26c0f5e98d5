"""How many works each further filter would keep."""

from typing import Any

from django.http import HttpResponse, QueryDict
from rest_framework.request import Request
from rest_framework.response import Response

from search.api import parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.embeddings import registry
from search.engine import facets
from search.query.filters import Filters
from search.query.forms import SearchForm
from search.query.query import Query

COUNTED = {"q", *Filters.__dataclass_fields__}


class FacetsParameters(parameters.ApiForm, SearchForm):
    """Words and filters, or nothing at all: then the whole collection is counted.

    What ranks works keeps none out, so the other parameters of a search are none here.
    """

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        for name in [name for name in self.fields if name not in COUNTED]:
            del self.fields[name]
        fields = parameters.FieldsField(facets.FIELDS)
        fields.help_text = "Count only these."
        self.fields["fields"] = fields

    def query(self) -> Query:
        """Return what a valid form asks for."""
        data = self.cleaned_data
        filters = Filters(**{name: data[name] for name in Filters.__dataclass_fields__})
        return Query.parse(data["q"], filters=filters)


class FacetsView(ApiView):
    """Exact counts, cached until a work changes."""

    @described("facets", FacetsParameters, "FacetsAnswer")
    def get(self, request: Request) -> HttpResponse:
        """Count the works that each further filter would keep; a field's own filter is lifted."""
        form = parameters.read(FacetsParameters, request)
        query = form.query()
        found = facets.facets(query, form.cleaned_data["fields"] or facets.FIELDS)
        counted = {name: [vars(value) for value in values] for name, values in found.items()}
        body = {
            "query": query.text,
            **serializers.about(registry.active()),
            "facets": counted,
        }
        return conditional(request, Response(body), body)

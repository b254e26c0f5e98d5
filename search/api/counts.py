"""How many works each further filter would keep."""

from typing import Any

from django.http import HttpResponse, QueryDict
from rest_framework.request import Request
from rest_framework.response import Response

from search import facets, registry, serializers
from search.api import parameters
from search.api.base import ApiView
from search.api.caching import conditional
from search.api.schema import described
from search.forms import SearchForm


class FacetsParameters(parameters.ApiForm, SearchForm):
    """A search, which may be for nothing at all: then the whole collection is counted."""

    _PAGING = ("limit", "offset", "sort")

    def __init__(self, data: QueryDict, files: Any = None) -> None:
        super().__init__(data, files)
        for name in self._PAGING:
            del self.fields[name]
        fields = parameters.FieldsField(facets.FIELDS)
        fields.help_text = "Count only these."
        self.fields["fields"] = fields

    def clean(self) -> dict[str, Any]:
        """Counting needs neither page nor order."""
        return {**(super().clean() or self.cleaned_data), **dict.fromkeys(self._PAGING)}


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

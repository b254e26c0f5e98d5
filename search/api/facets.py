"""How many works each value of each facet would keep."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from search.api import parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.embeddings import registry
from search.engine import facets
from search.query.facets import COUNTED


class FacetsView(ApiView):
    """Exact counts, cached until a work changes."""

    @described(
        "facets",
        "Count works by facet",
        parameters.FacetsParameters,
        serializers.FacetsAnswerSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """Count the works that each value of each facet would keep. The values of one facet are
        counted as if nothing had been chosen in it, so that others can be chosen as well."""
        form = parameters.read(parameters.FacetsParameters, request)
        query = form.query()
        answer = {
            "query": query.text,
            **serializers.about(registry.active()),
            "facets": facets.facets(query, form.cleaned_data["fields"] or COUNTED),
        }
        body = serializers.FacetsAnswerSerializer(answer).data
        return conditional(request, Response(body), body)

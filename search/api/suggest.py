"""`/api/suggest`: completions of what is being typed."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from search.api import parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.embeddings import registry
from search.engine import suggestions


class SuggestView(ApiView):
    """Titles, artists and subjects that begin with what was typed."""

    @described(
        "suggest",
        "Complete a query",
        parameters.SuggestParameters,
        serializers.SuggestAnswerSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """Complete what has been typed so far with titles, artists and subjects."""
        given = parameters.read(parameters.SuggestParameters, request).cleaned_data
        answer = {
            "query": given["q"],
            **serializers.about(registry.active()),
            "suggestions": suggestions.suggest(
                given["q"], given["limit"] or parameters.SUGGESTIONS
            ),
        }
        body = serializers.SuggestAnswerSerializer(answer).data
        return conditional(request, Response(body), body)

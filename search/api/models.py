"""`/api/models`: the embedding models and which one answers."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from search.api import parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.embeddings import registry
from search.models import EmbeddingModel


class ModelsView(ApiView):
    """The embedding models."""

    @described("models", "List models", parameters.NoParameters, serializers.ModelsAnswerSerializer)
    def get(self, request: Request) -> HttpResponse:
        """List the embedding models. The active one answers searches."""
        parameters.read(parameters.NoParameters, request)
        answer = {**serializers.about(registry.active()), "models": EmbeddingModel.objects.all()}
        body = serializers.ModelsAnswerSerializer(answer).data
        return conditional(request, Response(body), body)

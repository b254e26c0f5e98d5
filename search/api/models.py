"""TODO: search.api.models."""

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

    @described("models", parameters.NoParameters, "ModelsAnswer")
    def get(self, request: Request) -> HttpResponse:
        """List the embedding models; the active one answers searches."""
        parameters.read(parameters.NoParameters, request)
        rows = [serializers.model(row) for row in EmbeddingModel.objects.all()]
        body = {**serializers.about(registry.active()), "models": rows}
        return conditional(request, Response(body), body)

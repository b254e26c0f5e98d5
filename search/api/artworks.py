"""TODO: search.api.artworks."""

from django.http import Http404, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from museum.models import Artwork
from search.api import parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.embeddings import registry
from search.engine import similar

SIMILAR = 12


class ArtworkView(ApiView):
    """The record of one work."""

    @described("artwork", parameters.ArtworkParameters, "ArtworkAnswer")
    def get(self, request: Request, artic_id: int) -> HttpResponse:
        """Read one work: its record, its texts with their licences, and where its picture is."""
        form = parameters.read(parameters.ArtworkParameters, request)
        body = serializers.artwork(find(artic_id), request, form.cleaned_data["fields"])
        return conditional(request, Response(body), body)


class SimilarView(ApiView):
    """The works like one work."""

    @described("similar", parameters.SimilarParameters, "SimilarAnswer")
    def get(self, request: Request, artic_id: int) -> HttpResponse:
        """Find works like this one: by its picture, by what is said of it, or by its artist."""
        form = parameters.read(parameters.SimilarParameters, request)
        given = form.cleaned_data
        work, by = find(artic_id), given["by"] or "picture"
        model = registry.active()
        hits = similar.similar(work, by, given["limit"] or SIMILAR, model)
        body = serializers.similar(work, by, model, hits, request, fields=given["fields"])
        return conditional(request, Response(body), body)


def find(artic_id: int) -> Artwork:
    """Return a visible work; raises `Http404`."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = works.filter(artic_id=artic_id).first()
    if work is None:
        raise Http404(f"There is no work {artic_id}.")
    return work

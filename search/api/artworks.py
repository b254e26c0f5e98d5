"""`/api/artworks/<id>` and the works most like it."""

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


class ArtworkView(ApiView):
    """The record of one work."""

    @described(
        "artwork",
        "Read a work",
        parameters.ArtworkParameters,
        serializers.ArtworkAnswerSerializer,
    )
    def get(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as in the address
        """Read one work: its record, its texts with their licences, and where its picture is."""
        form = parameters.read(parameters.ArtworkParameters, request)
        context = {"request": request, "fields": form.cleaned_data["fields"]}
        body = serializers.ArtworkAnswerSerializer(find(id), context=context).data
        return conditional(request, Response(body), body)


class SimilarView(ApiView):
    """The works like one work."""

    @described(
        "similar",
        "Find works like one work",
        parameters.SimilarParameters,
        serializers.SimilarAnswerSerializer,
    )
    def get(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as above
        """Find works that look like this one, that mean the same, or that its artist made."""
        form = parameters.read(parameters.SimilarParameters, request)
        given = form.cleaned_data
        work, by = find(id), given["by"] or "picture"
        model = registry.active()
        hits = similar.similar(work, by, given["limit"] or parameters.SIMILAR, model)
        answer = {
            "id": work.artic_id,
            "by": by,
            **serializers.about(model, [each.artwork for each in hits]),
            "results": hits,
        }
        context = {"request": request, "fields": given["fields"]}
        body = serializers.SimilarAnswerSerializer(answer, context=context).data
        return conditional(request, Response(body), body)


def find(artic_id: int) -> Artwork:
    """Return a visible work; raises `Http404`."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = works.filter(artic_id=artic_id).first()
    if work is None:
        raise Http404(f"There is no work {artic_id}.")
    return work

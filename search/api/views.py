"""The addresses of the API. Each reads its parameters, asks, and says what it was told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from museum.models import Artwork
from search import (
    answers,
    curation,
    engine,
    neighbours,
    querylog,
    registry,
    serializers,
    sight,
    why,
)
from search import suggest as suggestions
from search.api import exports, links, parameters
from search.api.base import ApiView
from search.api.caching import conditional
from search.api.schema import described
from search.models import EmbeddingModel, QueryLog
from search.problems import Problem
from search.tiers import END

HIT_FIELDS = serializers.HitSerializer.names()
# Fields of a whole export unless others are named: finding reasons takes long for 1,000 works.
EXPORTED = tuple(name for name in HIT_FIELDS if name != "why")


@dataclass(frozen=True)
class Said:
    """One page of an answer as JSON, without its `seconds`, and the address of the next page."""

    content: bytes
    following: str | None

    def timed(self, seconds: float) -> bytes:
        """Return the JSON with the seconds that it took this time."""
        return b'%s,"seconds":%.4f}' % (self.content.removesuffix(b"}"), seconds)


class SearchView(ApiView):
    """The works that fit a description, best first."""

    renderer_classes = [JSONRenderer, exports.CsvRenderer, exports.JsonLinesRenderer]

    @described(
        "search",
        "Search works",
        parameters.SearchParameters,
        serializers.SearchAnswerSerializer,
        exports=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Find works by a description, a picture seen before, a colour, other works or filters,
        best first."""
        return self.answer(request)

    @described(
        "searchByPost",
        "Search works, also by a picture",
        parameters.SearchParameters,
        serializers.SearchAnswerSerializer,
        exports=True,
        post=True,
    )
    def post(self, request: Request) -> HttpResponse:
        """Search as by GET, with the parameters in a form or a JSON object. A picture can be sent
        as a file."""
        return self.answer(request)

    def answer(self, request: Request) -> HttpResponse:
        """Answer one page, or export."""
        form = parameters.read(parameters.SearchParameters, request)
        fields = form.cleaned_data["fields"]
        try:
            query = curation.curated(form.query())
        except sight.Blind as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
        kind = form.cleaned_data["format"] or request.accepted_renderer.format
        if kind != "json" and not form.cleaned_data["limit"]:
            query = replace(query, limit=max(END - query.offset, 1))
            fields = fields or EXPORTED
        try:
            found = engine.search(query)
        except engine.CursorExpired as error:
            raise Problem(HTTPStatus.GONE, str(error)) from error
        querylog.note(request._request, found, QueryLog.Source.API)
        tagged: Mapping[str, Any] | bytes
        if kind == "json":
            asked = (request.build_absolute_uri(), form.parameters.urlencode(), fields)
            said = answers.derived(
                found.key, asked, Said, lambda: self.say(request, form, found, fields)
            )
            response = HttpResponse(said.timed(found.seconds), content_type=JSONRenderer.media_type)
            following, tagged = said.following, said.content
        else:
            body = self.body(request, form, found, fields)
            response = self.export(body, kind, fields)
            following, tagged = body["next"], body
        if request.method != "POST":
            response["Link"] = links.to_pages(request, found, following)
        return conditional(request, response, tagged)

    def say(
        self,
        request: Request,
        form: parameters.SearchParameters,
        found: engine.Results,
        fields: tuple[str, ...],
    ) -> Said:
        """Write down one page of an answer."""
        body = self.body(request, form, found, fields)
        return Said(JSONRenderer().render(body), body["next"])

    def body(
        self,
        request: Request,
        form: parameters.SearchParameters,
        found: engine.Results,
        fields: tuple[str, ...],
    ) -> dict[str, Any]:
        """Return what is said of one page of an answer."""
        query = found.query
        answer = {
            "query": query.text,
            **serializers.about(found.model, [each.artwork for each in found.hits]),
            "count": found.count,
            "limit": query.limit,
            "offset": query.offset,
            "warnings": found.warnings,
            "picture": query.picture and query.picture.token,
            "results": found.hits,
            "next": links.following(request, form.parameters, found) or None,
        }
        context = {
            "request": request,
            "fields": fields,
            "reasons": why.explain(found) if not fields or "why" in fields else {},
        }
        return serializers.SearchPageSerializer(answer, context=context).data

    def export(self, body: dict[str, Any], kind: str, fields: tuple[str, ...]) -> HttpResponse:
        """Return the works of an answer as a file; what is said of them all goes into headers."""
        rows = body["results"]
        if kind == "csv":
            names = [name for name in HIT_FIELDS if not fields or name in {"id", *fields}]
            content, media_type = (
                exports.as_csv(rows, names),
                "text/csv; charset=utf-8; header=present",
            )
        else:
            content, media_type = exports.as_json_lines(rows), exports.JsonLinesRenderer.media_type
        response = HttpResponse(content, content_type=media_type)
        response["Content-Disposition"] = f'attachment; filename="results.{kind}"'
        if model := body["model"]:
            response["Ekphrasis-Model"] = f"{model['name']}; fingerprint={model['fingerprint']}"
        if texts := body["licences"]["texts"]:
            # A header takes neither lines nor letters beyond Latin.
            said = "; ".join(texts).encode("ascii", "replace").decode()
            response["Ekphrasis-Licences"] = " ".join(said.split())[:1000]
        return response


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
        hits = neighbours.similar(work, by, given["limit"] or parameters.SIMILAR, model)
        answer = {
            "id": work.artic_id,
            "by": by,
            **serializers.about(model, [each.artwork for each in hits]),
            "results": hits,
        }
        context = {"request": request, "fields": given["fields"]}
        body = serializers.SimilarAnswerSerializer(answer, context=context).data
        return conditional(request, Response(body), body)


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


class ModelsView(ApiView):
    """The embedding models."""

    @described("models", "List models", parameters.NoParameters, serializers.ModelsAnswerSerializer)
    def get(self, request: Request) -> HttpResponse:
        """List the embedding models. The active one answers searches."""
        parameters.read(parameters.NoParameters, request)
        answer = {**serializers.about(registry.active()), "models": EmbeddingModel.objects.all()}
        body = serializers.ModelsAnswerSerializer(answer).data
        return conditional(request, Response(body), body)


def find(artic_id: int) -> Artwork:
    """Return a visible work; raises `Http404`."""
    works = Artwork.objects.visible().select_related("artist").defer("search_document")
    work = works.filter(artic_id=artic_id).first()
    if work is None:
        raise Http404(f"There is no work with the ID {artic_id}.")
    return work

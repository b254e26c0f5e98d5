"""`/api/search`: search, and export of all results."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from search import exports
from search.analytics import query_log
from search.api import pagination, parameters, serializers
from search.api.base import ApiView
from search.api.conditional import conditional
from search.api.openapi import described
from search.api.problems import Problem
from search.curation import store
from search.engine import answer_cache, errors, results, search
from search.engine.requests import query_of
from search.explanations import highlights
from search.models import QueryLog
from search.ranking.progressive_depth import END
from search.retrieval import picture_vectors

HIT_FIELDS = serializers.HitSerializer.names()
# Default fields of an export of all works: reasons for 1,000 works take long.
EXPORTED = tuple(name for name in HIT_FIELDS if name != "why")


@dataclass(frozen=True)
class Said:
    """One page of an answer as JSON, without its `seconds`, and the address of the next page."""

    content: bytes
    following: str | None

    def timed(self, seconds: float) -> bytes:
        """Return the JSON with the seconds that this request took."""
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
            query = store.apply_rules(query_of(form))
        except picture_vectors.PictureModelUnavailableError as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
        kind = form.cleaned_data["format"] or request.accepted_renderer.format
        if kind != "json" and not form.cleaned_data["limit"]:
            query = replace(query, limit=max(END - query.offset, 1))
            fields = fields or EXPORTED
        try:
            found = search.search(query)
        except errors.CursorExpiredError as error:
            raise Problem(HTTPStatus.GONE, str(error)) from error
        query_log.note(request._request, found, QueryLog.Source.API)
        tagged: Mapping[str, Any] | bytes
        if kind == "json":
            asked = (request.build_absolute_uri(), form.parameters.urlencode(), fields)
            said = answer_cache.derived(
                found.key, asked, Said, lambda: self.say(request, form, found, fields)
            )
            response = HttpResponse(said.timed(found.seconds), content_type=JSONRenderer.media_type)
            following, tagged = said.following, said.content
        else:
            body = self.body(request, form, found, fields)
            response = self.export(body, kind, fields)
            following, tagged = body["next"], body
        if request.method != "POST":
            response["Link"] = pagination.to_pages(request, found, following)
        return conditional(request, response, tagged)

    def say(
        self,
        request: Request,
        form: parameters.SearchParameters,
        found: results.Results,
        fields: tuple[str, ...],
    ) -> Said:
        """Return one page of an answer as JSON."""
        body = self.body(request, form, found, fields)
        return Said(JSONRenderer().render(body), body["next"])

    def body(
        self,
        request: Request,
        form: parameters.SearchParameters,
        found: results.Results,
        fields: tuple[str, ...],
    ) -> dict[str, Any]:
        """Return one page of an answer as plain data."""
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
            "next": pagination.following(request, form.parameters, found) or None,
        }
        context = {
            "request": request,
            "fields": fields,
            "reasons": highlights.explain(found) if not fields or "why" in fields else {},
        }
        return serializers.SearchPageSerializer(answer, context=context).data

    def export(self, body: dict[str, Any], kind: str, fields: tuple[str, ...]) -> HttpResponse:
        """Return the works of an answer as a file, with model and licences in headers."""
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
            # Headers are single-line ASCII.
            said = "; ".join(texts).encode("ascii", "replace").decode()
            response["Ekphrasis-Licences"] = " ".join(said.split())[:1000]
        return response

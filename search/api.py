"""The REST API: parameters are read by the website's own form, errors are problem documents."""

from http import HTTPStatus

from django.http import QueryDict
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search import engine, problems, serializers
from search.forms import SearchForm
from search.query import Query


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON whatever `Accept` or `?format=` say, as there is nothing else to choose."""

    def select_parser(self, request, parsers):  # type: ignore[no-untyped-def]
        """Take the first parser."""
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):  # type: ignore[no-untyped-def]
        """Take the first renderer."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A view whose errors are problem documents."""

    content_negotiation_class = AlwaysJson
    renderer_classes = [JSONRenderer]

    def handle_exception(self, exc: Exception) -> Response:
        """Turn what an API may answer into a problem document; anything else is a real 500."""
        if isinstance(exc, engine.SearchUnavailable):
            exc = problems.Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{exc} Try again.", headers={"Retry-After": "10"}
            )
        answer = problems.response(exc)
        if answer is None:
            raise exc
        answer.exception = True
        return answer


class ApiSearchForm(SearchForm):
    """The same parameters, with `q` required: a page may be blank, an API call is a mistake."""

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.parameters = data
        self.fields["q"].required = True
        self.fields["q"].error_messages["required"] = "Say what to look for: q=red+boat+at+sunset."

    def errors_by_parameter(self) -> dict[str, list[str]]:
        """Return what is wrong with each parameter, unknown and repeated ones included."""
        errors = {name: [str(error) for error in found] for name, found in self.errors.items()}
        for name in self.parameters:
            if name not in self.fields:
                known = ", ".join(self.fields)
                errors[name] = [f"There is no such parameter; there are {known}."]
            elif len(self.parameters.getlist(name)) > 1:
                errors[name] = ["Give it once."]
        return errors


class SearchView(ApiView):
    """`GET /api/search?q=…&limit=…&offset=…`: the works that fit a description, best first."""

    def get(self, request: Request) -> Response:
        """Answer one page."""
        return Response(serializers.results(engine.search(self.read(request)), request))

    def read(self, request: Request) -> Query:
        """Return what is asked for; raises a problem that names every bad parameter."""
        form = ApiSearchForm(request.query_params)
        if errors := form.errors_by_parameter():
            named = ", ".join(errors)
            raise problems.Problem(
                HTTPStatus.BAD_REQUEST, f"These parameters need mending: {named}.", errors
            )
        return form.query()

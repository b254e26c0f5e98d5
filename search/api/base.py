"""What every view of the API has in common: negotiation, problems, throttles, OPTIONS."""

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import signals
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from redis.exceptions import RedisError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search import engine, problems

logger = logging.getLogger(__name__)


class Negotiation(DefaultContentNegotiation):
    """`format=` in the address comes before `Accept`; a wrong one is the form's to refuse."""

    def get_accept_list(self, request: Any) -> list[str]:
        """Return what is accepted: anything, where nothing is said."""
        return [each for each in super().get_accept_list(request) if each] or ["*/*"]

    def select_renderer(  # type: ignore[no-untyped-def]
        self, request, renderers, format_suffix=None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type; raises `NotAcceptable`."""
        wanted = request.query_params.get("format")
        for renderer in renderers:
            if renderer.format == wanted:
                return renderer, renderer.media_type
        return super().select_renderer(request, renderers, None)


class ApiView(APIView):
    """A view whose errors are problem documents."""

    content_negotiation_class = Negotiation
    renderer_classes: Any = [JSONRenderer]
    parser_classes: Any = [JSONParser, FormParser, MultiPartParser]
    http_method_names = ["get", "head", "post", "options"]

    def handle_exception(self, exc: Exception) -> Response:
        """Turn what goes wrong into a problem document.

        An outage is left to `museum.outage`, and with DEBUG a mistake of ours to Django's page.
        """
        if isinstance(exc, engine.SearchUnavailable):
            exc = problems.Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{exc} Try again.", headers={"Retry-After": "10"}
            )
        answer = problems.response(exc)
        if answer is None:
            if settings.DEBUG or isinstance(exc, (OperationalError, InterfaceError, RedisError)):
                raise exc
            # Whoever watches for errors (the test client, Sentry) hears of it as of any other.
            signals.got_request_exception.send(sender=type(self), request=self.request._request)
            logger.error("Error at %s", self.request.path, exc_info=exc)
            answer = problems.internal()
        answer.exception = True
        # An export that fails is not answered in the export's format.
        self.request.accepted_renderer = problems.ProblemRenderer()
        self.request.accepted_media_type = problems.ProblemRenderer.media_type
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Say which methods there are; what they take is in `/api/schema`."""
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


class NotFoundView(ApiView):
    """Every address under `/api/` that is none."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever is asked."""
        raise problems.Problem(
            HTTPStatus.NOT_FOUND, "There is nothing at this address; /api/docs lists what there is."
        )

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Never reached: `initial` refuses first."""
        raise NotImplementedError

    post = get

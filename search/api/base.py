"""The base of all API views: negotiation, problem documents, throttling, OPTIONS."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import signals
from django.http import HttpResponse
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from museum.core.http import outage, rate_limits
from search.api import deprecation, problems
from search.api.authentication import BearerAuthentication
from search.engine import errors

logger = logging.getLogger(__name__)


class Negotiation(DefaultContentNegotiation):
    """`format=` in the URL takes precedence over `Accept`; the form reports a wrong one."""

    def get_accept_list(self, request: Any) -> list[str]:
        """Return the accepted media types; all of them without an `Accept` header."""
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
    """A view whose errors are problem documents, and which says how many requests are left."""

    authentication_classes: Any = [BearerAuthentication]
    permission_classes: Any = [AllowAny]
    quotas: Sequence[rate_limits.Quota] = ()
    content_negotiation_class = Negotiation
    renderer_classes: Any = [JSONRenderer]
    parser_classes: Any = [JSONParser, FormParser, MultiPartParser]
    http_method_names = ["get", "head", "post", "options"]

    def perform_authentication(self, request: Request) -> None:
        """Authenticate by token, if there is one; a wrong one counts against the address."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self.check_throttles(request)
            raise

    def check_throttles(self, request: Request) -> None:
        """Count the request by token or address; raises `Problem` (429) above the limit."""
        if request.auth:
            self.quotas = rate_limits.consume(f"token:{request.auth.pk}", settings.THROTTLE_TOKEN)
        else:
            who = f"api:{rate_limits.client_address(request._request)}"
            self.quotas = rate_limits.consume(who, settings.THROTTLE_ANONYMOUS)
        if self.quotas and self.quotas[-1].is_exceeded:
            last = self.quotas[-1]
            raise problems.Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"You have sent more than {last.requests} requests in {last.seconds} seconds. "
                f"Try again in {last.reset} seconds.",
            )

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the headers for rate limits and deprecated parameters."""
        final = super().finalize_response(request, response, *args, **kwargs)
        for name, value in rate_limits.headers(self.quotas).items():
            final[name] = value
        deprecation.announce(request, final)
        return final

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Return a problem document for the exception.

        Outages are left to `museum.core.http.outage`; with DEBUG, other errors are left to Django's
        error page.
        """
        if isinstance(exc, errors.SearchUnavailableError):
            exc = problems.Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{exc} Please try again.",
                headers={"Retry-After": "10"},
            )
        answer = problems.response(exc)
        if answer is None:
            if settings.DEBUG or outage.cause(exc) is not None:
                raise exc
            # Error trackers (the test client, Sentry) listen to this signal.
            signals.got_request_exception.send(sender=type(self), request=self.request._request)
            logger.error("Error at %s", self.request.path, exc_info=exc)
            answer = problems.internal()
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the allowed methods; `/api/schema` documents their parameters."""
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


class NotFoundView(ApiView):
    """Every address under `/api/` that is none."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever is asked."""
        raise problems.Problem(
            HTTPStatus.NOT_FOUND,
            "There is nothing at this address. All addresses of the API are listed at /api/docs.",
        )

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Never reached: `initial` refuses first."""
        raise NotImplementedError

    post = get
